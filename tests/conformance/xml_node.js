// Documents of the official Node builders: every element with every attribute they have.
const plivo = require("plivo");

const URL = "https://example.com/x?a=1&b=2";
const documents = {};

function document(name, build) {
  const response = new plivo.Response();
  build(response);
  documents[name] = response.toXML();
}

document("Speak", (r) => {
  const speak = r.addSpeak("Hi ", { voice: "Polly.Amy", language: "en-GB", loop: 2 });
  speak.addBreak({ strength: "strong", time: "250ms" });
  speak.addEmphasis("words", { level: "strong" });
  speak.addLang("ciao", { "xml:lang": "it" });
  speak.addP("paragraph");
  speak.addPhoneme("pecan", { alphabet: "ipa", ph: "p" });
  speak.addProsody("slow", { volume: "loud", rate: "slow", pitch: "low" });
  speak.addS("sentence");
  speak.addSayAs("123", { "interpret-as": "date", format: "mdy" });
  speak.addSub("WWW", { alias: "World Wide Web" });
  speak.addW("read", { role: "amazon:VB" });
});
document("Play", (r) => r.addPlay(URL, { loop: 0 }));
document("Wait", (r) => r.addWait({ length: 5, silence: true, minSilence: 300, beep: false }));
document("DTMF", (r) => r.addDTMF("12w#", { async: false }));
document("Redirect", (r) => r.addRedirect(URL, { method: "GET" }));
document("Hangup", (r) => r.addHangup({ reason: "busy", schedule: 60 }));
document("Message", (r) =>
  r.addMessage('Say "hi" & bye', {
    src: "14155550100", dst: "14155550101", type: "sms", callbackUrl: URL, callbackMethod: "GET",
  }));
document("GetDigits", (r) =>
  r.addGetDigits({
    action: URL, method: "GET", timeout: 7, digitTimeout: 3, finishOnKey: "*", numDigits: 4,
    retries: 2, redirect: false, playBeep: true, validDigits: "123", invalidDigitsSound: URL,
    log: false,
  }).addSpeak("Press"));
document("GetInput", (r) =>
  r.addGetInput({
    action: URL, method: "GET", inputType: "dtmf speech", executionTimeout: 30,
    digitEndTimeout: 3, speechEndTimeout: 4, finishOnKey: "#", numDigits: 5,
    speechModel: "phone_call", hints: 'say "yes" or "no"', language: "en-GB",
    interimSpeechResultsCallback: URL, interimSpeechResultsCallbackMethod: "GET",
    log: false, redirect: false, profanityFilter: true,
  }).addSpeak("Say"));
document("Record", (r) =>
  r.addRecord({
    action: URL, method: "GET", fileFormat: "wav", redirect: false, timeout: 20, maxLength: 90,
    playBeep: false, finishOnKey: "1", recordSession: true, startOnDialAnswer: true,
    transcriptionType: "auto", transcriptionUrl: URL, transcriptionMethod: "GET",
    callbackUrl: URL, callbackMethod: "GET",
  }));
document("Dial", (r) => {
  const dial = r.addDial({
    action: URL, method: "GET", hangupOnStar: true, timeLimit: 30, timeout: 20,
    callerId: "14155550100", callerName: "Ann", confirmSound: URL, confirmKey: "1",
    dialMusic: "none", callbackUrl: URL, callbackMethod: "GET", redirect: false,
    digitsMatch: "1,2", digitsMatchBLeg: "3", sipHeaders: "a=1,b=2",
  });
  dial.addNumber("14155550101", { sendDigits: "ww12", sendOnPreanswer: true });
  dial.addUser("sip:a@phone.test", { sendDigits: "1", sipHeaders: "h=1" });
});
document("Conference", (r) =>
  r.addConference("My room", {
    muted: true, enterSound: "beep:1", exitSound: URL, startConferenceOnEnter: false,
    endConferenceOnExit: true, stayAlone: false, waitSound: URL, maxMembers: 5, record: true,
    recordFileFormat: "wav", timeLimit: 60, hangupOnStar: true, action: URL, method: "GET",
    callbackUrl: URL, callbackMethod: "GET", digitsMatch: "#0", floorEvent: true,
    redirect: false, relayDTMF: false,
  }));
document("MultiPartyCall", (r) =>
  r.addMultiPartyCall("Nairobi", { role: "Agent", maxDuration: 1000, waitMusicUrl: URL }));
document("Stream", (r) =>
  r.addStream("wss://example.com/x", {
    bidirectional: true, audioTrack: "inbound", streamTimeout: 60, statusCallbackUrl: URL,
    statusCallbackMethod: "GET", contentType: "audio/x-mulaw;rate=8000",
    extraHeaders: "a=1,b=2", keepCallAlive: true,
  }));
document("PreAnswer", (r) => r.addPreAnswer().addSpeak("Costs"));

process.stdout.write(JSON.stringify(documents));
