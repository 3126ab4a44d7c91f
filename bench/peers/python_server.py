"""Protocol 0, an echo and the test conversation on Python `websockets`, with the structure of the original server: a coroutine a connection.

usage: python3 python_server.py PORT (0 takes any that is free; prints the port it listens on)
"""

import asyncio
import sys

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


class Game:
    def __init__(self, size):
        self.expected = size * size
        self.connected = self.subscribed = 0
        self.subscribe, self.run = asyncio.Event(), asyncio.Event()
        self.topics = {(row, column): set() for row in range(size) for column in range(size)}


watchers = set()
game = None


async def reset(socket):
    global game
    game = Game(int(await socket.recv()))


async def watcher(socket):
    watchers.add(socket)
    try:
        await socket.wait_closed()
    finally:
        watchers.discard(socket)


async def worker(socket):
    current = game
    current.connected += 1
    if current.connected == current.expected:
        current.subscribe.set()
    await current.subscribe.wait()
    await socket.send("sub")
    subscriptions = []
    while (message := await socket.recv()) != "sub":
        row, column = map(int, message.split())
        subscriptions.append(current.topics[row, column])
        current.topics[row, column].add(socket)
    current.subscribed += 1
    if current.subscribed == current.expected:
        current.run.set()
    await current.run.wait()
    await socket.send("run")
    try:
        async for message in socket:
            _, row, column, _ = message.split()
            for receiver in [*current.topics[int(row), int(column)], *watchers]:
                try:
                    await receiver.send(message)
                except ConnectionClosed:
                    pass
    finally:
        for topic in subscriptions:
            topic.discard(socket)


async def echo(socket):
    async for message in socket:
        await socket.send(message)


async def converse(socket):
    await socket.send("Hello!")
    for number in range(1, 4):
        await socket.send(f"{number}. {await socket.recv()}")
    await socket.send("Goodbye!")


endpoints = {
    "/reset/": reset,
    "/watcher/": watcher,
    "/worker/": worker,
    "/test/echo/": echo,
    "/test/ws/": converse,
}


async def handle(socket):
    try:
        await endpoints[socket.request.path](socket)
    except ConnectionClosed:
        pass


async def main():
    global game
    game = Game(32)
    options = dict(compression=None, ping_interval=None, backlog=4096, max_queue=None)
    async with serve(handle, "127.0.0.1", int(sys.argv[1]), **options) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
