// Send an SMS and make a call with the official plivo-go module, and see both to their end.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/plivo/plivo-go/v7"
)

const (
	sender    = "14155550100"
	recipient = "14155550123"
	answer    = "<Response><Speak>Hello from Plivo XML</Speak><Hangup/></Response>"
)

// serveAnswer says what is to be done with the call once it is answered.
func serveAnswer() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	handler := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		fmt.Fprint(w, answer)
	}
	go http.Serve(listener, http.HandlerFunc(handler))
	return "http://" + listener.Addr().String() + "/answer"
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func waitFor(what string, look func() bool) {
	for tries := 0; tries < 300; tries++ {
		if look() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	log.Fatalf("%s: not in time", what)
}

func main() {
	// PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN
	client, err := plivo.NewClient("", "", &plivo.ClientOptions{})
	check(err)

	sent, err := client.Messages.Create(plivo.MessageCreateParams{
		Src: sender, Dst: recipient, Text: "Hello from Go",
	})
	check(err)
	uuid := sent.MessageUUID[0]
	waitFor("delivery", func() bool {
		message, err := client.Messages.Get(uuid)
		check(err)
		return message.MessageState == "delivered"
	})
	fmt.Println("message", uuid, "delivered")

	listed, err := client.Messages.List(plivo.MessageListParams{Limit: 5})
	check(err)
	found := false
	for _, one := range listed.Objects {
		found = found || one.MessageUUID == uuid
	}
	if !found {
		log.Fatal("the message is not listed")
	}

	made, err := client.Calls.Create(plivo.CallCreateParams{
		From: sender, To: recipient, AnswerURL: serveAnswer(),
	})
	check(err)
	callUUID := made.RequestUUID.(string)
	var call *plivo.Call
	waitFor("the call's end", func() bool {
		call, err = client.Calls.Get(callUUID)
		return err == nil // a call has a record once it has ended
	})
	fmt.Println("call", call.CallUUID, call.CallDuration, "s,", call.HangupCauseName)

	_, err = client.Messages.Create(plivo.MessageCreateParams{
		Src: sender, Dst: "12", Text: "Hello",
	})
	if err == nil {
		log.Fatal("a number that is too short was accepted")
	}
	fmt.Println("refused:", err)
}
