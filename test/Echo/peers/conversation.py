"""The conversation of the C10k demo on the package `websockets`; prints the port it listens on."""
import asyncio
from websockets.asyncio.server import serve


async def converse(ws):
    await ws.send("Hello!")
    for n in range(1, 4):
        await ws.send(f"{n}. {await ws.recv()}")
    await ws.send("Goodbye!")


async def main():
    async with serve(converse, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
