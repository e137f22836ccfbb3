"""Whether a school treats colleges and apprenticeship providers differently from everyone else who asks: pure
statistics on plain records, no database and no clock. The method, its sources and what it can't do:
docs/fairness-for-statisticians.md."""
