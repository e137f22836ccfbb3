"""Which news each fact makes, and for whom: rows and an event in, sentences out. Nothing here writes.

Rows are read as they are now, so a fact whose matter has moved on since (a booking cancelled a second later)
still tells what happened but sends no letter that would no longer be true."""
