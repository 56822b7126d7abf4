"""Call Plivo's API with nothing but requests, at the address that its documentation has."""

import os
import sys
import time

import requests

AUTH = (os.environ["PLIVO_AUTH_ID"], os.environ["PLIVO_AUTH_TOKEN"])
ACCOUNT = f"https://api.plivo.com/v1/Account/{AUTH[0]}"

answer = requests.post(
    f"{ACCOUNT}/Message/",
    auth=AUTH,
    json={"src": "14155550100", "dst": "14155550123", "text": "Hello from requests"},
    timeout=10,
)
answer.raise_for_status()
uuid = answer.json()["message_uuid"][0]
for _ in range(300):
    message = requests.get(f"{ACCOUNT}/Message/{uuid}/", auth=AUTH, timeout=10).json()
    if message["message_state"] == "delivered":
        print("message", uuid, message["message_state"])
        break
    time.sleep(0.1)
else:
    sys.exit("the message was not delivered")

refused = requests.get(f"{ACCOUNT}/Message/", auth=(AUTH[0], "wrong"), timeout=10)
if refused.status_code != 401:
    sys.exit("a wrong token was accepted")
print("refused:", refused.status_code)
