"""Whether a school treats colleges and apprenticeship providers differently from everyone else who asks.

The statistics are pure: no database and no clock (`engine` and what it imports). `feed`, `nightly`, `lifecycle` and
`reading` bring them to the product. The method, its sources and what it can't do:
docs/fairness-for-statisticians.md."""
