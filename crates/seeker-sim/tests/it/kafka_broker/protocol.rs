//! The messages of Kafka that the scripted cluster reads and writes.

/// Reads values from the beginning of bytes. Bytes that are missing fail the test.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    pub(super) fn i16(&mut self) -> i16 {
        i16::from_be_bytes(self.take(2).try_into().unwrap())
    }

    pub(super) fn i32(&mut self) -> i32 {
        i32::from_be_bytes(self.take(4).try_into().unwrap())
    }

    pub(super) fn text(&mut self) -> &'a str {
        let length = self.i16();
        str::from_utf8(self.take(length.try_into().unwrap())).unwrap()
    }

    pub(super) fn bytes(&mut self) -> &'a [u8] {
        let length = self.i32();
        self.take(length.try_into().unwrap())
    }

    fn varint(&mut self) -> i64 {
        let length = self.0.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        let unsigned = self.take(length).iter().rev().fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
        (unsigned >> 1).cast_signed() ^ -(unsigned & 1).cast_signed()
    }

    fn sized(&mut self) -> &'a [u8] {
        let length = self.varint();
        self.take(length.try_into().unwrap())
    }

    fn sized_text(&mut self) -> String {
        String::from_utf8(self.sized().to_vec()).unwrap()
    }

    pub(super) fn topic_of_metadata(&mut self) -> String {
        assert_eq!(self.i32(), 1);
        let topic = self.text().to_owned();
        assert_eq!(self.take(1), [0], "the topic is not created");
        topic
    }
}

/// A record.
pub(super) struct Record {
    pub(super) key: String,
    pub(super) value: Vec<u8>,
    pub(super) headers: Vec<(String, String)>,
}

/// A request to store events.
pub(super) struct Produced {
    pub(super) acks: i16,
    pub(super) topic: String,
    pub(super) partitions: Vec<(i32, Vec<Record>)>,
}

pub(super) fn read_produced(mut request: Reader<'_>) -> Produced {
    assert_eq!(request.i16(), -1, "no transaction");
    let acks = request.i16();
    assert!(request.i32() > 0, "a timeout");
    assert_eq!(request.i32(), 1, "one topic");
    let topic = request.text().to_owned();
    let count = request.i32();
    let partitions = (0..count).map(|_| (request.i32(), read_batch(request.bytes()))).collect();
    assert!(request.0.is_empty());
    Produced { acks, topic, partitions }
}

/// Reads a batch without compression.
fn read_batch(batch: &[u8]) -> Vec<Record> {
    let mut header = Reader(&batch[8..]);
    assert_eq!(usize::try_from(header.i32()), Ok(batch.len() - 12));
    assert_eq!((batch[16], batch[22]), (2, 0));
    let count = Reader(&batch[57..]).i32();
    let mut rest = Reader(&batch[61..]);
    let records = (0..count).map(|offset| {
        let mut record = Reader(rest.sized());
        assert_eq!(record.take(2), [0, 0]);
        assert_eq!(record.varint(), i64::from(offset));
        let (key, value) = (record.sized_text(), record.sized().to_vec());
        let headers = (0..record.varint()).map(|_| (record.sized_text(), record.sized_text())).collect();
        assert!(record.0.is_empty());
        Record { key, value, headers }
    });
    let records = records.collect();
    assert!(rest.0.is_empty());
    records
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    out.extend(text.as_bytes());
}

fn put_nullable(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => put_text(out, text),
        None => out.extend([0xff, 0xff]),
    }
}

fn put_i32(out: &mut Vec<u8>, number: i32) {
    out.extend(number.to_be_bytes());
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    put_i32(out, length.try_into().unwrap());
}

/// The answer about a topic. The number of a broker is its place.
pub(super) fn metadata(version: i16, brokers: &[(&str, u16)], topic: &str, code: i16, leaders: &[i32]) -> Vec<u8> {
    let mut out = Vec::new();
    put_i32(&mut out, 0);
    put_length(&mut out, brokers.len());
    for (number, (host, port)) in brokers.iter().enumerate() {
        put_length(&mut out, number);
        put_text(&mut out, host);
        put_i32(&mut out, i32::from(*port));
        put_nullable(&mut out, None);
    }
    put_nullable(&mut out, Some("cluster"));
    put_i32(&mut out, 0);
    put_i32(&mut out, 1);
    out.extend(code.to_be_bytes());
    put_text(&mut out, topic);
    out.push(0);
    let leaders = if code == 0 { leaders } else { &[] };
    put_length(&mut out, leaders.len());
    for (partition, leader) in leaders.iter().enumerate() {
        out.extend(if *leader < 0 { 5_i16 } else { 0 }.to_be_bytes());
        put_length(&mut out, partition);
        put_i32(&mut out, *leader);
        if version >= 7 {
            put_i32(&mut out, 1);
        }
        for _ in 0..if version >= 5 { 3 } else { 2 } {
            put_i32(&mut out, 1);
            put_i32(&mut out, *leader);
        }
    }
    if version >= 8 {
        put_i32(&mut out, i32::MIN);
        put_i32(&mut out, i32::MIN);
    }
    out
}

/// The answer to a request to store events: each partition with its code.
pub(super) fn produced(version: i16, topic: &str, partitions: &[(i32, i16)], said: Option<&str>) -> Vec<u8> {
    let mut out = Vec::new();
    put_i32(&mut out, 1);
    put_text(&mut out, topic);
    put_length(&mut out, partitions.len());
    for (partition, code) in partitions {
        put_i32(&mut out, *partition);
        out.extend(code.to_be_bytes());
        out.extend([0; 16]);
        if version >= 5 {
            out.extend([0; 8]);
        }
        if version >= 8 {
            put_i32(&mut out, 0);
            put_nullable(&mut out, said);
        }
    }
    put_i32(&mut out, 0);
    out
}

/// The answer to a choice of a mechanism.
pub(super) fn sasl_handshake(code: i16, mechanism: &str) -> Vec<u8> {
    let mut out = code.to_be_bytes().to_vec();
    put_i32(&mut out, 1);
    put_text(&mut out, mechanism);
    out
}

/// The answer to a step of a login: an error code, and how long the login is valid.
pub(super) fn sasl_answer((code, lifetime_millis): (i16, i64), version: i16, said: Option<&str>, data: &[u8]) -> Vec<u8> {
    let mut out = code.to_be_bytes().to_vec();
    put_nullable(&mut out, said);
    put_length(&mut out, data.len());
    out.extend(data);
    if version >= 1 {
        out.extend(lifetime_millis.to_be_bytes());
    }
    out
}
