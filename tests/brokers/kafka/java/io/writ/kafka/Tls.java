package io.writ.kafka;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** TLS sessions as a broker sees them: a handshake on the loopback with certificates made here. */
final class Tls {
    private static final char[] PASSWORD = "secret".toCharArray();

    private final Path folder;

    Tls(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /** A key and its certificate with the subject; {@code names} as keytool takes them, or empty. */
    KeyStore certificate(String alias, String subject, String names) throws Exception {
        Path file = folder.resolve(alias + ".p12");
        java.util.List<String> command = new java.util.ArrayList<>(java.util.List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
            "-keystore", file.toString(), "-storetype", "PKCS12", "-storepass",
            new String(PASSWORD), "-alias", alias, "-dname", subject, "-keyalg", "EC",
            "-groupname", "secp256r1", "-validity", "3650"));
        if (!names.isEmpty()) {
            command.addAll(java.util.List.of("-ext", "san=" + names));
        }
        Policy.run(command.toArray(String[]::new));
        KeyStore out = KeyStore.getInstance("PKCS12");
        try (InputStream from = Files.newInputStream(file)) {
            out.load(from, PASSWORD);
        }
        return out;
    }

    private static SSLContext context(KeyStore own, KeyStore trusted)
        throws GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(own, PASSWORD);
        KeyStore roots = trusted;
        if (trusted != null) {
            roots = KeyStore.getInstance("PKCS12");
            try {
                roots.load(null, null);
            } catch (IOException e) {
                throw new GeneralSecurityException(e);
            }
            String alias = trusted.aliases().nextElement();
            roots.setCertificateEntry(alias, trusted.getCertificate(alias));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(roots);
        SSLContext out = SSLContext.getInstance("TLS");
        out.init(own == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        return out;
    }

    /** The server's side of a session; {@code client} null: it gives no certificate. */
    SSLSession session(KeyStore server, KeyStore client, String protocol) throws Exception {
        SSLContext serving = context(server, client);
        SSLContext asking = context(client, server);
        try (SSLServerSocket listening = (SSLServerSocket) serving.getServerSocketFactory()
            .createServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            listening.setWantClientAuth(client != null);
            listening.setEnabledProtocols(new String[] {protocol});
            CompletableFuture<SSLSession> seen = CompletableFuture.supplyAsync(() -> {
                try (SSLSocket accepted = (SSLSocket) listening.accept()) {
                    accepted.startHandshake();
                    accepted.getInputStream().read();
                    return accepted.getSession();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            try (SSLSocket socket = (SSLSocket) asking.getSocketFactory().createSocket(
                listening.getInetAddress(), listening.getLocalPort())) {
                socket.setEnabledProtocols(new String[] {protocol});
                socket.startHandshake();
                socket.getOutputStream().write(1);
                return seen.get();
            }
        }
    }
}
