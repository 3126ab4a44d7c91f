"""The Game of Life of protocol 0 by other means: Debian's python3-websockets.

Usage: life.py URL SIZE STEPS LIVING, where LIVING is a list such as 0,1;1,2;2,0 of rows and columns.
Prints the last step's living cells in the same form.
"""

import asyncio
import sys

from websockets.asyncio.client import connect

url, size, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
living = {tuple(map(int, cell.split(","))) for cell in sys.argv[4].split(";")}
finished = 0
all_finished = asyncio.Event()


async def live(row: int, col: int) -> bool:
    global finished
    around = [((row + down) % size, (col + right) % size) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]
    alive = (row, col) in living
    heard: dict[int, dict] = {}
    async with connect(f"{url}/worker/", compression=None, open_timeout=60) as socket:
        assert await socket.recv() == "sub"
        for neighbour in set(around):
            await socket.send("%d %d" % neighbour)
        await socket.send("sub")
        assert await socket.recv() == "run"
        for step in range(steps):
            await socket.send(f"{step} {row} {col} {int(alive)}")
            states = heard.setdefault(step, {})
            while len(states) < len(set(around)):
                their_step, their_row, their_col, state = map(int, (await socket.recv()).split(" "))
                heard.setdefault(their_step, {})[their_row, their_col] = state
            count = sum(states[neighbour] for neighbour in around)
            alive = count == 3 or (alive and count == 2)
        await socket.send(f"{steps} {row} {col} {int(alive)}")
        finished += 1
        if finished == size * size:
            all_finished.set()
        await all_finished.wait()
    return alive


async def main() -> None:
    async with connect(f"{url}/reset/", compression=None) as socket:
        await socket.send(str(size))
        await socket.wait_closed()
    cells = [(row, col) for row in range(size) for col in range(size)]
    alive = await asyncio.gather(*(live(*cell) for cell in cells))
    print(";".join(f"{row},{col}" for (row, col), lives in zip(cells, alive) if lives))


asyncio.run(main())
