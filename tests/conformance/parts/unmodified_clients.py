"""Asks Plivo's API by every Python client there is; run by `trunkline run`, prints JSON.

An audit hook holds that no connection of this process leaves loopback, and that nobody asks a name
server for a host of Plivo.
"""

import asyncio
import base64
import http.client
import json
import os
import socket
import sys
import urllib.request
import warnings

import aiohttp
import httpx
import plivo
import requests
import uvloop

OUT = []
AUTH = (os.environ["PLIVO_AUTH_ID"], os.environ["PLIVO_AUTH_TOKEN"])
URL = f"https://api.plivo.com/v1/Account/{AUTH[0]}/"
BASIC = {"Authorization": "Basic " + base64.b64encode(":".join(AUTH).encode()).decode()}


def note(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple) and args[1][0] != "127.0.0.1":
        OUT.append(list(map(str, args)))
    if event.startswith("socket.get") and "plivo" in str(args[0]):
        OUT.append(list(map(str, args)))


def by_requests(**more):
    session = requests.Session()
    session.trust_env = more.get("trust_env", True)
    return session.get(more.get("url", URL), auth=AUTH, timeout=10).status_code


def by_http_client(kind):
    connection = kind("api.plivo.com", timeout=10)
    connection.request("GET", URL.partition("plivo.com")[2], headers=BASIC)
    status = connection.getresponse().status
    connection.close()
    return status


async def by_httpx(**more):
    async with httpx.AsyncClient(auth=AUTH, **more) as client:
        return (await client.get(URL)).status_code


async def by_aiohttp(**more):
    async with aiohttp.ClientSession(headers=BASIC, **more) as session, session.get(URL) as answer:
        return answer.status


async def by_asyncio():
    reader, writer = await asyncio.open_connection("api.plivo.com", 443, ssl=True)
    writer.write(b"GET /v1/ HTTP/1.0\r\n\r\n")
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


async def at_once():
    return {
        "httpx": await by_httpx(),
        "httpx, no proxy": await by_httpx(trust_env=False),
        "aiohttp": await by_aiohttp(),
        "aiohttp, proxy": await by_aiohttp(trust_env=True),
        "streams": await by_asyncio() and 200,
    }


warnings.simplefilter("ignore")
sys.addaudithook(note)
urllib_request = urllib.request.Request(URL, headers=BASIC)
answers = {
    "plivo": 200 if plivo.RestClient().account.get() else 0,
    "requests": by_requests(),
    "requests, no proxy": by_requests(trust_env=False),
    "requests, plain": by_requests(url=URL.replace("https", "http")),
    "urllib": urllib.request.urlopen(urllib_request, timeout=10).status,
    "http.client": by_http_client(http.client.HTTPSConnection),
    "http.client, plain": by_http_client(http.client.HTTPConnection),
    "asyncio": asyncio.run(at_once()),
    "uvloop": uvloop.run(at_once()),
}
socket.getaddrinfo("localhost", 80)  # others are looked up as ever
print(json.dumps({"answers": answers, "out": OUT}))
