"""The statutory encounters of provider access law, computed from evidence: pure functions on frozen records, with no
database, no clock and no Django. Rule numbers (R1 to R29) are those of docs/adr/0009-statutory-evidence-is-pure.md."""
