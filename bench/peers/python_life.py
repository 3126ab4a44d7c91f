"""The cells of a torus on Python `websockets`, with the structure of the original client: a coroutine a cell.

usage: python3 python_life.py PORT SIZE STEPS [LIVING]

LIVING is a list such as 0,1;1,2;2,0 of rows and columns. With it the living cells of the last step are printed in the
same form, and the cells leave once all have made it; without it the start is random, and they stay until the server closes.
"""

import asyncio
import random
import sys

from websockets.asyncio.client import connect

port, size, steps = map(int, sys.argv[1:4])
living = {tuple(map(int, cell.split(","))) for cell in sys.argv[4].split(";")} if len(sys.argv) > 4 else None
url = f"ws://127.0.0.1:{port}"
options = dict(compression=None, ping_interval=None, max_queue=None, open_timeout=60)
around = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if y or x]


finished = 0
all_finished = asyncio.Event()


async def cell(row, column, alive, connecting):
    global finished
    neighbours = {((row + y) % size, (column + x) % size): i for i, (y, x) in enumerate(around)}
    async with connecting:
        socket = await connect(url + "/worker/", **options)
    assert await socket.recv() == "sub"
    for neighbour in neighbours:
        await socket.send("%d %d" % neighbour)
    await socket.send("sub")
    assert await socket.recv() == "run"
    await socket.send("0 %d %d %d" % (row, column, alive))
    step, states = 0, [[None] * 8, [None] * 8]
    while step < steps:
        their_step, their_row, their_column, state = map(int, (await socket.recv()).split())
        states[their_step % 2][neighbours[their_row, their_column]] = state
        while step < steps and None not in states[step % 2]:
            living = sum(states[step % 2])
            states[step % 2] = [None] * 8
            step += 1
            alive = living == 3 or (alive and living == 2)
            await socket.send("%d %d %d %d" % (step, row, column, alive))
    finished += 1
    if finished == size * size:
        all_finished.set()
    await (socket.wait_closed() if living is None else all_finished.wait())
    await socket.close()
    return alive


def starts_alive(row, column):
    return random.random() < 0.25 if living is None else (row, column) in living


async def main():
    async with connect(url + "/reset/", **options) as reset:
        await reset.send(str(size))
        await reset.wait_closed()
    connecting = asyncio.Semaphore(100)
    places = [(row, column) for row in range(size) for column in range(size)]
    ends = await asyncio.gather(*(cell(*place, starts_alive(*place), connecting) for place in places))
    if living is not None:
        print(";".join(f"{row},{column}" for (row, column), alive in zip(places, ends) if alive))


asyncio.run(main())
