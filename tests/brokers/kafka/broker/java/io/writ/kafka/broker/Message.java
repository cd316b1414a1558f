package io.writ.kafka.broker;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Fills a request of the protocol from JSON: what a member says goes to the setter of that name,
 * what is left out stays at its default.
 */
final class Message {
    private Message() { }

    static <T extends ApiMessage> T fill(T message, JsonNode json)
        throws ReflectiveOperationException {
        return object(message, json);
    }

    private static <T> T object(T into, JsonNode json) throws ReflectiveOperationException {
        for (Iterator<Map.Entry<String, JsonNode>> all = json.fields(); all.hasNext();) {
            Map.Entry<String, JsonNode> member = all.next();
            Method setter = setter(into.getClass(), member.getKey());
            setter.invoke(into, value(setter.getGenericParameterTypes()[0], member.getValue()));
        }
        return into;
    }

    private static Method setter(Class<?> of, String name) throws NoSuchMethodException {
        String wanted = "set" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
        for (Method method : of.getMethods()) {
            if (method.getName().equals(wanted) && method.getParameterCount() == 1) {
                return method;
            }
        }
        throw new NoSuchMethodException(of + " has no " + wanted);
    }

    private static Object value(Type type, JsonNode json) throws ReflectiveOperationException {
        if (json.isNull()) {
            return null;
        }
        if (type instanceof ParameterizedType list) {
            return fill(new ArrayList<>(), list.getActualTypeArguments()[0], json);
        }
        Class<?> plain = (Class<?>) type;
        if (Collection.class.isAssignableFrom(plain)) {
            // A collection of the protocol extends one that says what is in it.
            Type element = ((ParameterizedType) plain.getGenericSuperclass())
                .getActualTypeArguments()[0];
            return fill(collection(plain), element, json);
        }
        return scalar(plain, json);
    }

    @SuppressWarnings("unchecked")
    private static Collection<Object> collection(Class<?> type)
        throws ReflectiveOperationException {
        return (Collection<Object>) type.getConstructor().newInstance();
    }

    private static Collection<Object> fill(Collection<Object> into, Type element, JsonNode json)
        throws ReflectiveOperationException {
        for (JsonNode each : json) {
            into.add(value(element, each));
        }
        return into;
    }

    private static Object scalar(Class<?> type, JsonNode json)
        throws ReflectiveOperationException {
        if (type == String.class) {
            return json.asText();
        } else if (type == int.class || type == Integer.class) {
            return json.asInt();
        } else if (type == long.class || type == Long.class) {
            return json.asLong();
        } else if (type == short.class || type == Short.class) {
            return (short) json.asInt();
        } else if (type == byte.class || type == Byte.class) {
            return (byte) json.asInt();
        } else if (type == double.class) {
            return json.asDouble();
        } else if (type == boolean.class) {
            return json.asBoolean();
        } else if (type == Uuid.class) {
            return Uuid.fromString(json.asText());
        } else if (type == byte[].class) {
            return json.asText().getBytes(StandardCharsets.UTF_8);
        } else if (type == java.nio.ByteBuffer.class) {
            return java.nio.ByteBuffer.wrap(json.asText().getBytes(StandardCharsets.UTF_8));
        }
        return object(type.getConstructor().newInstance(), json);
    }

    static List<String> names(Collection<? extends Enum<?>> of) {
        return of.stream().map(Enum::name).sorted().toList();
    }
}
