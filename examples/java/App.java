// Send an SMS and make a call with the official plivo-java library, and see both to their end.
import com.plivo.api.Plivo;
import com.plivo.api.exceptions.InvalidRequestException;
import com.plivo.api.exceptions.PlivoRestException;
import com.plivo.api.exceptions.ResourceNotFoundException;
import com.plivo.api.models.call.Call;
import com.plivo.api.models.message.Message;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.concurrent.Callable;

public class App {
  private static final String SENDER = "14155550100";
  private static final String RECIPIENT = "14155550123";
  private static final String ANSWER =
      "<Response><Speak>Hello from Plivo XML</Speak><Hangup/></Response>";

  public static void main(String[] arguments) throws Exception {
    HttpServer server = serveAnswer();
    try {
      run("http://127.0.0.1:" + server.getAddress().getPort() + "/answer");
    } finally {
      server.stop(0);
    }
    System.exit(0); // the HTTP client's threads would keep the program for a minute
  }

  private static void run(String answerUrl) throws Exception {
    Plivo.init(); // PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN

    String uuid =
        Message.creator(SENDER, Collections.singletonList(RECIPIENT), "Hello from Java")
            .create()
            .getMessageUuid()
            .get(0);
    Message message = waitFor(() -> delivered(uuid), "delivery");
    System.out.println("message " + uuid + " " + message.getMessageState());

    if (Message.lister().limit(5).list().getObjects().stream()
        .noneMatch(one -> uuid.equals(one.getMessageUuid()))) {
      throw new IllegalStateException("the message is not listed");
    }

    String callUuid =
        Call.creator(SENDER, Collections.singletonList(RECIPIENT), answerUrl)
            .create()
            .getRequestUuid();
    Call call = waitFor(() -> ended(callUuid), "the end of the call");
    System.out.println(
        "call " + callUuid + " " + call.getCallDuration() + " s, " + call.getHangupCauseName());

    try {
      Message.creator(SENDER, Collections.singletonList("12"), "Hello").create();
      throw new IllegalStateException("a number that is too short was accepted");
    } catch (InvalidRequestException error) {
      System.out.println("refused: " + error.getMessage());
    }
  }

  private static Message delivered(String uuid) throws Exception {
    Message message = Message.getter(uuid).get();
    return "delivered".equals(String.valueOf(message.getMessageState()).toLowerCase())
        ? message
        : null;
  }

  private static Call ended(String uuid) throws Exception {
    try {
      return Call.getter(uuid).get();
    } catch (ResourceNotFoundException error) {
      return null; // a call has a record once it has ended
    }
  }

  private static <T> T waitFor(Callable<T> look, String what) throws Exception {
    for (int tries = 0; tries < 300; tries++) {
      T found = look.call();
      if (found != null) {
        return found;
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException(what + ": not in time");
  }

  /** Says what is to be done with the call once it is answered. */
  private static HttpServer serveAnswer() throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/answer",
        exchange -> {
          byte[] body = ANSWER.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/xml");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }
}
