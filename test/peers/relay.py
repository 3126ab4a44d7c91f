"""A relay of protocol 0 by other means: Debian's python3-websockets. Usage: relay.py; prints its port."""

import asyncio

from websockets.asyncio.server import serve


class Game:
    """Counts workers, and knows who listens to each cell."""

    def __init__(self, size: int) -> None:
        self.expected = size * size
        self.connected = 0
        self.subscribed = 0
        self.all_connected = asyncio.Event()
        self.all_subscribed = asyncio.Event()
        self.listeners: dict[str, list] = {}


game = None


async def worker(socket) -> None:
    mine = game
    mine.connected += 1
    if mine.connected == mine.expected:
        mine.all_connected.set()
    await mine.all_connected.wait()
    await socket.send("sub")
    async for message in socket:
        if message == "sub":
            break
        mine.listeners.setdefault(message, []).append(socket)
    mine.subscribed += 1
    if mine.subscribed == mine.expected:
        mine.all_subscribed.set()
    await mine.all_subscribed.wait()
    await socket.send("run")
    async for message in socket:
        _, row, col, _ = message.split(" ")
        for listener in mine.listeners.get(f"{row} {col}", []):
            await listener.send(message)


async def handle(socket) -> None:
    global game
    if socket.request.path == "/reset/":
        game = Game(int(await socket.recv()))
    elif socket.request.path == "/worker/":
        await worker(socket)
    else:
        await socket.wait_closed()


async def main() -> None:
    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
