//! As much of MQTT 3.1.1 as a terminal needs: CONNECT, PUBLISH with QoS 1, and what comes back.

/// A silent terminal keeps its connection this long.
const KEEP_ALIVE_S: u16 = 120;

/// Whether a message went out before, on another connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    First,
    Again,
}

/// What a broker says to a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// CONNACK with its return code; 0 is yes.
    Connected(u8),
    /// PUBACK of this packet.
    Acknowledged(u16),
    /// Anything else.
    Other,
}

/// CONNECT (3.1) with a clean session.
pub(crate) fn connect(client_id: &str, credentials: Option<(&str, &str)>) -> Vec<u8> {
    let flags = if credentials.is_some() { 0b1100_0010 } else { 0b0000_0010 };
    let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 4, flags];
    body.extend(KEEP_ALIVE_S.to_be_bytes());
    text(&mut body, client_id);
    if let Some((user, secret)) = credentials {
        text(&mut body, user);
        text(&mut body, secret);
    }
    let mut packet = vec![0x10];
    length(&mut packet, body.len());
    packet.extend(body);
    packet
}

/// PUBLISH (3.3) with QoS 1, behind what is in `out` already.
pub(crate) fn publish(out: &mut Vec<u8>, topic: &str, id: u16, turn: Turn, payload: &[u8]) {
    out.push(if turn == Turn::Again { 0b0011_1010 } else { 0b0011_0010 });
    length(out, 2 + topic.len() + 2 + payload.len());
    text(out, topic);
    out.extend(id.to_be_bytes());
    out.extend(payload);
}

/// The first packet and its size; none until it is whole.
pub(crate) fn heard(bytes: &[u8]) -> Option<(Heard, usize)> {
    let (mut remaining, mut begin) = (0, 1);
    loop {
        let byte = *bytes.get(begin)?;
        remaining |= usize::from(byte & 0x7f) << (7 * (begin - 1));
        begin += 1;
        if byte & 0x80 == 0 || begin > 4 {
            break;
        }
    }
    let body = bytes.get(begin..begin + remaining)?;
    let heard = match (bytes[0] >> 4, body) {
        (2, [_, code]) => Heard::Connected(*code),
        (4, [high, low]) => Heard::Acknowledged(u16::from_be_bytes([*high, *low])),
        _ => Heard::Other,
    };
    Some((heard, begin + remaining))
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    out.extend(text.as_bytes());
}

fn length(out: &mut Vec<u8>, mut length: usize) {
    loop {
        let byte = u8::try_from(length & 0x7f).unwrap();
        length >>= 7;
        out.push(if length > 0 { byte | 0x80 } else { byte });
        if length == 0 {
            return;
        }
    }
}
