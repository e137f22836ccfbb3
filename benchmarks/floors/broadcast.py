"""The floor for pushes: the bare `websockets` library, nobody checked, nothing looked up.

python -m benchmarks.floors.broadcast PORT
A line on standard input, `COUNT GAP SIZE`, broadcasts so many frames of about so many bytes, GAP seconds apart.
Each holds the moment it was sent (`t`, nanoseconds of the monotonic clock).
"""

import asyncio
import json
import sys
import time

from websockets.asyncio.server import ServerConnection, broadcast, serve

CONNECTIONS: set[ServerConnection] = set()


async def hold(connection: ServerConnection) -> None:
    CONNECTIONS.add(connection)
    try:
        await connection.wait_closed()
    finally:
        CONNECTIONS.discard(connection)


async def main(port: int) -> None:
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
    )
    async with serve(hold, "127.0.0.1", port, compression=None, ping_interval=None):
        print("listening", flush=True)
        while line := await orders.readline():
            count, gap, size = line.split()
            filling = "x" * max(0, int(size) - 40)
            for number in range(int(count)):
                frame = json.dumps({"t": time.monotonic_ns(), "n": number, "filling": filling})
                broadcast(CONNECTIONS, frame)
                await asyncio.sleep(float(gap))


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
