package io.writ.kafka;

import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** What a TLS session says. */
final class TlsFacts {
    /** SOURCE: RFC 5280 section 4.2.1.6, the forms that are text. */
    private static final Map<Integer, String> FORMS = Map.of(1, "EMAIL:", 2, "DNS:", 6, "URI:", 7,
        "IP:");

    private TlsFacts() { }

    /** {@code 1.3} of {@code TLSv1.3}; another name stays, and is no version. */
    static String version(SSLSession session) {
        String protocol = session.getProtocol();
        if (!protocol.startsWith("TLSv")) {
            return protocol;
        }
        String number = protocol.substring(4);
        return number.equals("1") ? "1.0" : number;
    }

    /** The client's certificate, or null if it gave none. */
    static X509Certificate certificate(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate of ? of : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    /** {@code DNS:a.example}, {@code URI:spiffe://a/b}. Null: they cannot be read. */
    static List<String> names(SSLSession session) {
        X509Certificate of = certificate(session);
        if (of == null) {
            return List.of();
        }
        try {
            Collection<List<?>> all = of.getSubjectAlternativeNames();
            List<String> out = new ArrayList<>();
            for (List<?> one : all == null ? List.<List<?>>of() : all) {
                String form = FORMS.get((Integer) one.get(0));
                if (form != null) {
                    out.add(form + one.get(1));
                }
            }
            return out.stream().allMatch(TlsFacts::isText) ? out : null;
        } catch (CertificateParsingException e) {
            return null;
        }
    }

    /** The values of one attribute of the subject, OU for example. Null: they cannot be read. */
    static List<String> subject(X509Certificate of, String attribute) {
        List<String> out = new ArrayList<>();
        try {
            for (Rdn rdn : new LdapName(of.getSubjectX500Principal().getName()).getRdns()) {
                // Several attributes may stand in one part of the name.
                Attribute values = rdn.toAttributes().get(attribute);
                for (int at = 0; values != null && at < values.size(); at++) {
                    if (!(values.get(at) instanceof String text)) {
                        return null;
                    }
                    out.add(text);
                }
            }
        } catch (NamingException e) {
            return null;
        }
        return out.stream().allMatch(TlsFacts::isText) ? out : null;
    }

    /** Elements of a set cross with a zero byte behind each. */
    static boolean isText(String text) {
        return text.indexOf('\0') < 0 && Utf8.encode(text) != null;
    }
}
