"""Greets, says each message again, and closes after "quit": on Python `websockets`. Prints the port it listens on."""

import asyncio
import json

from websockets.asyncio.server import serve


async def talk(socket):
    await socket.send(json.dumps({"type": "welcome"}))
    async for message in socket:
        if message == "quit":
            return await socket.close(4000, "as you wish")
        await socket.send(message)


async def main():
    async with serve(talk, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
