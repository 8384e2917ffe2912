//! JT/T 808 by TCP and inside MQTT, byte by byte as terminals send it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use sqlx::{Connection as _, Executor as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use vehicle_tracker::jt808::{Frame, Header, MessageId, Part, Splitter, from_hex};

use crate::database::Database;
use crate::door::{KeyRing, secret_of};
use crate::{start, start_behind};

const STORED: &str = "select count(*) from position";
/// Of phone 123456789012, serial 126, in the layout of 2013: `SmallChi/JT808`, README, first example.
const LOCATION: &str = "7E02000026123456789012007D02000000010000000200BA7F0E07E4F11C0028003C00001810151010100104000000640202007D01137E";
/// Of two locations, the second without a fix: `SmallChi/JT808`, `JT808_0x0704Test.cs`.
const BATCH: &str = "7E0704005311223344556622B80002000026000000010000000200BA7F0E07E4F11C0028003C0000180715101010010400000064020200370026000000020000000100CB735507E6A32300290036007818071510103001040000006002020042D47E";

/// A terminal's side of the link.
pub(crate) struct Device {
    stream: TcpStream,
    splitter: Splitter,
    heard: Vec<Frame>,
    serial: u16,
}

impl Device {
    pub(crate) async fn call(gateway: SocketAddr) -> Self {
        let stream = TcpStream::connect(gateway).await.unwrap();
        Self { stream, splitter: Splitter::new(), heard: Vec::new(), serial: 0 }
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// A frame of this body, in the name of the location's terminal.
    fn frame(&mut self, id: MessageId, body: Vec<u8>, part: Option<Part>) -> Frame {
        self.serial += 1;
        let header = *location().header();
        Frame::new_checked(Header { id, serial: self.serial, part, ..header }, body).unwrap()
    }

    pub(crate) async fn say(&mut self, id: MessageId, body: Vec<u8>) {
        let frame = self.frame(id, body, None);
        self.send(&frame.write()).await;
    }

    /// The next answer within the time; `None` when there is none or the link ends.
    pub(crate) async fn hear(&mut self, limit: Duration) -> Option<Frame> {
        let heard = async {
            loop {
                if !self.heard.is_empty() {
                    return Some(self.heard.remove(0));
                }
                let mut bytes = [0; 1_024];
                let count = self.stream.read(&mut bytes).await.ok().filter(|count| *count > 0)?;
                let cuts = self.splitter.feed(&bytes[..count]);
                self.heard.extend(cuts.into_iter().map(|cut| cut.frame.unwrap()));
            }
        };
        tokio::time::timeout(limit, heard).await.ok().flatten()
    }

    /// Serial, message and result of the next general answer.
    async fn answer(&mut self) -> (u16, u16, u8) {
        let frame = self.hear(Duration::from_secs(10)).await.expect("an answer");
        assert_eq!(frame.header().id, MessageId::PLATFORM_REPLY);
        let [a, b, c, d, result] = frame.body().try_into().unwrap();
        (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]), result)
    }

    /// Registers with this plate; the result and the code.
    async fn register(&mut self, plate: &[u8]) -> (u8, String) {
        let mut body = vec![0, 40, 0, 50];
        body.extend([b'M'; 5 + 20 + 7]);
        body.push(1);
        body.extend(plate);
        self.say(MessageId::REGISTER, body).await;
        let frame = self.hear(Duration::from_secs(10)).await.expect("an answer");
        assert_eq!(frame.header().id, MessageId::REGISTER_REPLY);
        let code = String::from_utf8(frame.body()[3..].to_vec()).unwrap();
        (frame.body()[2], code)
    }

    pub(crate) async fn introduce_itself(&mut self, code: &str) -> u8 {
        self.say(MessageId::AUTHENTICATION, code.as_bytes().to_vec()).await;
        self.answer().await.2
    }
}

pub(crate) fn location() -> Frame {
    Frame::read(&from_hex(LOCATION).unwrap()).unwrap()
}

/// The one vehicle's terminal has the number of the sample.
pub(crate) async fn database() -> Database {
    let database = Database::create().await;
    database.register(1).await;
    rename(&database, "123456789012").await;
    database
}

async fn rename(database: &Database, terminal: &str) {
    let mut owner = database.connect().await;
    let statement = format!("update terminal set terminal_id = '{terminal}'");
    owner.execute(statement.as_str()).await.unwrap();
}

/// 示A00001 in GBK.
const PLATE: [u8; 8] = [0xca, 0xbe, b'A', b'0', b'0', b'0', b'0', b'1'];

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_registers_shows_its_code_and_is_answered_only_after_the_commit() {
    let database = database().await;
    let tracker = start(&database).await;
    let mut device = Device::call(tracker.jt808_address().unwrap()).await;

    device.send(&location().write()).await;
    assert_eq!(device.answer().await, (126, 0x0200, 1), "it has not said who it is");
    assert_eq!(device.register(b"another").await.0, 2, "another vehicle's plate");
    let (result, code) = device.register(&PLATE).await;
    assert_eq!(result, 0);
    assert_eq!(device.introduce_itself("wrong").await, 1);
    assert_eq!(device.introduce_itself(&code).await, 0);

    let mut blocker = database.connect().await;
    let mut held = blocker.begin().await.unwrap();
    held.execute("lock table position_batch in exclusive mode").await.unwrap();
    device.send(&location().write()).await;
    assert_eq!(device.hear(Duration::from_millis(700)).await, None, "before the commit");
    assert_eq!(database.count(STORED).await, 0);
    held.rollback().await.unwrap();
    assert_eq!(device.answer().await, (126, 0x0200, 0));
    assert_eq!(database.count(STORED).await, 1);

    // Sent again under another serial it is the same position, and is answered all the same.
    let again = Header { serial: 900, ..*location().header() };
    let again = Frame::new_checked(again, location().body().to_vec()).unwrap();
    device.send(&again.write()).await;
    assert_eq!(device.answer().await, (900, 0x0200, 0));
    assert_eq!(database.count(STORED).await, 1);
    let told = "select (10 * (odometer_km + fuel_l))::bigint from position where alarm_bits = 1";
    assert_eq!(database.count(told).await, 225);

    device.say(MessageId::HEARTBEAT, Vec::new()).await;
    assert_eq!(device.answer().await.2, 0);
    device.say(MessageId(0x0f00), Vec::new()).await;
    assert_eq!(device.answer().await.2, 3, "nothing reads such a message");
    device.say(MessageId::UNREGISTER, Vec::new()).await;
    assert_eq!(device.answer().await.2, 0);
    assert_eq!(device.hear(Duration::from_secs(5)).await, None, "the link ends");
    assert_eq!(tracker.counters().links, 0);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_frame_between_good_ones_is_kept_and_the_link_goes_on() {
    let database = database().await;
    let tracker = start(&database).await;
    let mut device = Device::call(tracker.jt808_address().unwrap()).await;
    device.introduce_itself(&secret_of("123456789012")).await;
    let mut spoiled = location().write();
    spoiled[20] ^= 1;
    let torn = device.frame(MessageId::LOCATION, vec![0; 10], None);
    let stream = [&b"noise"[..], &spoiled, &torn.write(), &location().write()].concat();
    // Byte by byte, as slow lines deliver.
    for byte in stream {
        device.send(&[byte]).await;
    }
    assert_eq!(
        device.answer().await.2,
        0,
        "the torn one is on file, so that it need not come again"
    );
    assert_eq!(device.answer().await, (126, 0x0200, 0));
    assert_eq!(database.count(STORED).await, 1);
    let kept = "select count(*) from position_reject where reason = 'broken_frame'
        and terminal_id = '123456789012'";
    assert_eq!(database.count(kept).await, 2);
    assert_eq!(tracker.counters().broken_frames, 1);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_stored_item_by_item_whole_or_in_parts() {
    let database = database().await;
    let tracker = start(&database).await;
    let mut device = Device::call(tracker.jt808_address().unwrap()).await;
    device.introduce_itself(&secret_of("123456789012")).await;
    let body = Frame::read(&from_hex(BATCH).unwrap()).unwrap().body().to_vec();
    let chunks: Vec<Vec<u8>> = body.chunks(30).map(<[u8]>::to_vec).collect();
    let total = u16::try_from(chunks.len()).unwrap();
    let first = device.serial + 1;
    for (index, chunk) in (1..).zip(chunks) {
        let part = Part::new_checked(total, index);
        let frame = device.frame(MessageId::BATCH, chunk, part);
        device.send(&frame.write()).await;
    }
    for part in 0..total {
        assert_eq!(device.answer().await, (first + part, 0x0704, 0));
    }
    assert_eq!(database.count(STORED).await, 2);
    assert_eq!(database.count("select count(*) from position where quality = 1").await, 1);
    // The other one has no fix and moves no vehicle.
    let latest = "select coalesce(max((lon * 1e6)::bigint), 0) from vehicle_latest";
    database.comes_to(latest, 132_444_444).await;

    device.say(MessageId::BATCH, body).await;
    assert_eq!(device.answer().await.2, 0);
    assert_eq!(database.count(STORED).await, 2, "the same positions again");
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_does_not_come_is_asked_for_again() {
    let database = database().await;
    let tracker = start(&database).await;
    let mut device = Device::call(tracker.jt808_address().unwrap()).await;
    device.introduce_itself(&secret_of("123456789012")).await;
    let body = Frame::read(&from_hex(BATCH).unwrap()).unwrap().body().to_vec();
    let frames: Vec<Frame> = (1..)
        .zip(body.chunks(30))
        .map(|(n, chunk)| device.frame(MessageId::BATCH, chunk.to_vec(), Part::new_checked(3, n)))
        .collect();
    assert_eq!(frames.len(), 3);
    for at in [0, 2] {
        device.send(&frames[at].write()).await;
    }
    let asked = device.hear(Duration::from_secs(20)).await.expect("the question");
    let [high, low] = frames[0].header().serial.to_be_bytes();
    assert_eq!((asked.header().id, asked.body()), (MessageId(0x8003), &[high, low, 1, 0, 2][..]));
    device.send(&frames[1].write()).await;
    for _ in 0..3 {
        assert_eq!(device.answer().await.2, 0);
    }
    assert_eq!(database.count(STORED).await, 2);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_whose_credential_is_gone_stores_nothing_more() {
    let database = database().await;
    let door = Arc::new(KeyRing::default());
    let tracker = start_behind(&database, Duration::from_mins(1), Arc::clone(&door)).await;
    let mut device = Device::call(tracker.jt808_address().unwrap()).await;
    assert_eq!(device.introduce_itself(&secret_of("123456789012")).await, 0);
    door.revoke("123456789012");
    device.send(&location().write()).await;
    assert_eq!(device.answer().await.2, 1);
    assert_eq!(database.count(STORED).await, 0);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_fails_for_good_ends_the_link_without_an_answer() {
    let database = database().await;
    let tracker = crate::start_with(&database, Duration::from_millis(300)).await;
    let mut device = Device::call(tracker.jt808_address().unwrap()).await;
    device.introduce_itself(&secret_of("123456789012")).await;
    let mut owner = database.connect().await;
    owner.execute("alter table position_batch rename to position_batch_gone").await.unwrap();
    device.send(&location().write()).await;
    assert_eq!(device.hear(Duration::from_secs(10)).await, None);
    owner.execute("alter table position_batch_gone rename to position_batch").await.unwrap();
    let mut again = Device::call(tracker.jt808_address().unwrap()).await;
    again.introduce_itself(&secret_of("123456789012")).await;
    again.send(&location().write()).await;
    assert_eq!(again.answer().await, (126, 0x0200, 0));
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_and_owntracks_come_by_mqtt_too() {
    let database = Database::create().await;
    database.register(1).await;
    let tracker = start(&database).await;
    let broker = tracker.mqtt_address().unwrap();
    let mut options = MqttOptions::new("client-T1", broker.ip().to_string(), broker.port());
    options.set_credentials("T1", secret_of("T1"));
    let (client, mut events) = AsyncClient::new(options, 10);
    let owntracks =
        br#"{"_type":"location","tst":1706694150,"lat":36.5,"lon":105.5,"vel":31,"cog":67,"acc":5}"#;
    for (topic, payload) in [
        ("onemap/v1/T1/jt808", from_hex(LOCATION).unwrap()),
        ("onemap/v1/T1/jt808", b"no frame".to_vec()),
        ("owntracks/T1/phone", owntracks.to_vec()),
        ("owntracks/T1/phone", br#"{"_type":"lwt","tst":1}"#.to_vec()),
    ] {
        client.publish(topic, QoS::AtLeastOnce, false, payload).await.unwrap();
        let acknowledged = async {
            while !matches!(events.poll().await.unwrap(), Event::Incoming(Packet::PubAck(_))) {}
        };
        tokio::time::timeout(Duration::from_secs(10), acknowledged).await.expect(topic);
    }
    assert_eq!(database.count(STORED).await, 2);
    assert_eq!(database.count("select count(*) from position_reject").await, 1);
    tracker.shutdown().await;
}
