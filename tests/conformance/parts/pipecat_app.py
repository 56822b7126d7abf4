"""A voice agent's side of a stream, with pipecat's own serializer, in pipecat's environment.

It says what happens as lines of JSON: first its port, then one line for each stream that has ended.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable

import numpy as np
from loguru import logger
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    OutputTransportMessageUrgentFrame,
)
from pipecat.serializers.plivo import PlivoFrameSerializer
from websockets.asyncio.server import ServerConnection, serve

RATE = 16_000
TONE_HZ = 700
HEARD_S = 4.0  # of audio, and then it leaves


class Setup:
    """What of pipecat's FrameProcessorSetup the serializer looks at."""

    audio_in_sample_rate = RATE
    audio_out_sample_rate = RATE


async def greet(send: Callable[[Frame], Awaitable[None]], stream_id: str) -> None:
    """Play a second of a tone, and ask when it has been heard."""
    at = np.arange(RATE) / RATE
    tone = (9000 * np.sin(2 * np.pi * TONE_HZ * at)).astype("<i2")
    for piece in np.split(tone, 50):
        await send(OutputAudioRawFrame(audio=piece.tobytes(), sample_rate=RATE, num_channels=1))
    checkpoint = {"event": "checkpoint", "streamId": stream_id, "name": "hello"}
    await send(OutputTransportMessageUrgentFrame(message=checkpoint))


async def talk(socket: ServerConnection) -> None:
    start = json.loads(await socket.recv())["start"]
    serializer = PlivoFrameSerializer(
        stream_id=start["streamId"],
        call_id=start["callId"],
        params=PlivoFrameSerializer.InputParams(auto_hang_up=False),
    )
    await serializer.setup(Setup())
    said = {"call": start["callId"], "digits": "", "played": [], "cleared": 0}
    heard: list[np.ndarray] = []

    async def send(frame: Frame) -> None:
        text = await serializer.serialize(frame)
        if text is not None:  # its resampler gives nothing at first, and several frames then
            await socket.send(text)

    await greet(send, start["streamId"])
    async for text in socket:
        match json.loads(text):
            case {"event": "playedStream", "name": name}:
                said["played"].append(name)
                await send(InterruptionFrame())
            case {"event": "clearedAudio"}:
                said["cleared"] += 1
            case {"event": "media"}:
                frame = await serializer.deserialize(text)
                if isinstance(frame, InputAudioRawFrame):
                    heard.append(np.frombuffer(frame.audio, "<i2"))
                if said["cleared"] and sum(map(len, heard)) > HEARD_S * RATE:
                    await socket.close()
            case {"event": "dtmf"}:
                frame = await serializer.deserialize(text)
                assert isinstance(frame, InputDTMFFrame)
                # No interruption: what is cleared before it was played is never told as played.
                said["digits"] += frame.button.value
    audio = np.concatenate(heard).astype(float)
    said["peak_hz"] = float(np.argmax(np.abs(np.fft.rfft(audio))) * RATE / len(audio))
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


async def main() -> None:
    logger.remove()
    async with serve(talk, "127.0.0.1", 0) as server:
        sys.stdout.write(json.dumps({"port": server.sockets[0].getsockname()[1]}) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)  # until the test closes it


asyncio.run(main())
