"""The provider access policy statement as data (domain 1.40 to 1.44, R30, R31): pure functions on frozen records, with
no database and no clock."""
