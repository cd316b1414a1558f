package io.writ.kafka.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A certificate authority of the test's own, and what it signed; made by keytool. */
final class Certificates {
    static final String PASSWORD = "change-it";

    private final Path folder;

    Certificates(Path folder) throws IOException, InterruptedException {
        this.folder = Files.createDirectories(folder);
        keytool("-genkeypair", "-alias", "ca", "-keystore", store("ca"), "-dname",
            "CN=writ-test-ca", "-ext", "bc:c", "-ext", "ku=keyCertSign");
        keytool("-exportcert", "-alias", "ca", "-keystore", store("ca"), "-rfc", "-file",
            folder.resolve("ca.pem").toString());
        keytool("-importcert", "-alias", "ca", "-keystore", store("trust"), "-noprompt", "-file",
            folder.resolve("ca.pem").toString());
        issue("node", "CN=node,OU=brokers", "san=ip:127.0.0.1");
    }

    /** A key store with a certificate of this name that the authority signed. */
    void issue(String name, String subject, String extension)
        throws IOException, InterruptedException {
        String request = folder.resolve(name + ".csr").toString();
        String signed = folder.resolve(name + ".pem").toString();
        keytool("-genkeypair", "-alias", name, "-keystore", store(name), "-dname", subject);
        keytool("-certreq", "-alias", name, "-keystore", store(name), "-file", request);
        keytool("-gencert", "-alias", "ca", "-keystore", store("ca"), "-infile", request,
            "-outfile", signed, "-rfc", "-ext", extension);
        keytool("-importcert", "-alias", "ca", "-keystore", store(name), "-noprompt", "-file",
            folder.resolve("ca.pem").toString());
        keytool("-importcert", "-alias", name, "-keystore", store(name), "-noprompt", "-file",
            signed);
    }

    private String store(String name) {
        return folder.resolve(name + ".p12").toString();
    }

    /** Where Kafka finds the stores, for a broker or a client. */
    Map<String, String> settings(String name) {
        Map<String, String> keys = new HashMap<>();
        keys.put("ssl.keystore.location", store(name));
        keys.put("ssl.truststore.location", store("trust"));
        for (String of : List.of("ssl.keystore", "ssl.truststore")) {
            keys.put(of + ".password", PASSWORD);
            keys.put(of + ".type", "PKCS12");
        }
        keys.put("ssl.key.password", PASSWORD);
        return keys;
    }

    private static void keytool(String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(args));
        command.addAll(List.of("-storepass", PASSWORD, "-storetype", "PKCS12"));
        if (List.of(args).contains("-genkeypair")) {
            command.addAll(List.of("-keyalg", "EC", "-validity", "30"));
        }
        Setup.run(command);
    }
}
