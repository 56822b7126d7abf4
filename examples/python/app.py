"""Send an SMS and make a call with the official plivo package, and see both to their end."""

import http.server
import threading
import time

import plivo

SENDER, RECIPIENT = "14155550100", "14155550123"
ANSWER = b"<Response><Speak>Hello from Plivo XML</Speak><Hangup/></Response>"


class Answer(http.server.BaseHTTPRequestHandler):
    """Says what is to be done with the call once it is answered."""

    def do_POST(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_):
        """Leave the screen to the program."""


def wait_for(look, what):
    for _ in range(300):
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise SystemExit(f"{what}: not in time")


def delivered(client, uuid):
    message = client.messages.get(uuid)
    return message if message.message_state == "delivered" else None


def ended(client, uuid):
    try:
        return client.calls.get(uuid)
    except plivo.exceptions.ResourceNotFoundError:
        return None  # a call has a record once it has ended


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
answer_url = f"http://127.0.0.1:{server.server_port}/answer"

client = plivo.RestClient()  # PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN

sent = client.messages.create(src=SENDER, dst=RECIPIENT, text="Hello from Python")
uuid = sent.message_uuid[0]
message = wait_for(lambda: delivered(client, uuid), "delivery")
print("message", uuid, message.message_state)

listed = client.messages.list(limit=5)
if uuid not in [one.message_uuid for one in listed]:
    raise SystemExit("the message is not listed")

made = client.calls.create(from_=SENDER, to_=RECIPIENT, answer_url=answer_url)
call = wait_for(lambda: ended(client, made.request_uuid), "the call's end")
print("call", call.call_uuid, call.call_duration, "s,", call.hangup_cause_name)

try:
    client.messages.create(src=SENDER, dst="12", text="Hello")
    raise SystemExit("a number that is too short was accepted")
except plivo.exceptions.ValidationError as error:
    print("refused:", error)
