package io.writ.kafka.broker;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

/** One connection that asks what it is told to: no client library decides what may be sent. */
final class Wire implements Closeable {
    private static final int TIMEOUT_MS = 8_000;

    private final Socket socket;
    private int correlation;

    /** Says who it is by SASL/PLAIN. */
    Wire(String server, String user) throws IOException {
        this(server, user, "127.0.0.1");
    }

    /** From an address of this machine. */
    Wire(String server, String user, String from) throws IOException {
        int colon = server.indexOf(':');
        socket = new Socket();
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress(server.substring(0, colon),
            Integer.parseInt(server.substring(colon + 1))));
        socket.setSoTimeout(TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        ask(ApiKeys.SASL_HANDSHAKE, (short) 1,
            new SaslHandshakeRequestData().setMechanism("PLAIN"));
        AbstractResponse in = ask(ApiKeys.SASL_AUTHENTICATE, (short) 2,
            new SaslAuthenticateRequestData().setAuthBytes(("\0" + user + "\0" + user + "-secret")
                .getBytes(StandardCharsets.UTF_8)));
        if (!in.errorCounts().keySet().equals(java.util.Set.of(Errors.NONE))) {
            throw new IOException(user + " is not let in: " + in);
        }
    }

    AbstractResponse ask(ApiKeys api, short version, ApiMessage data) throws IOException {
        RequestHeader header = new RequestHeader(api, version, "table", correlation++);
        ByteBuffer head = MessageUtil.toByteBufferAccessor(header.data(), header.headerVersion())
            .buffer();
        ByteBuffer body = MessageUtil.toByteBufferAccessor(data, version).buffer();
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeInt(head.remaining() + body.remaining());
        out.write(head.array(), head.arrayOffset() + head.position(), head.remaining());
        out.write(body.array(), body.arrayOffset() + body.position(), body.remaining());
        out.flush();
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        return AbstractResponse.parseResponse(ByteBuffer.wrap(answer), header);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
