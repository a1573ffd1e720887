//! A sealed record opens only as it was sealed.

use ownkey_material::{
    KeySpec, MaterialId, OpenError, RecordLabel, SealError, SealedRecord, SourceTier, open,
    open_bytes, seal, seal_bytes,
};

use crate::support::{at, canonical, every_material, hex, known_master_key, master_key};

/// Made by libsodium and Python's HMAC: master key 0…31, nonce 100…123, material 200…231.
const KNOWN: &str = "016465666768696a6b6c6d6e6f707172737475767778797a7b\
                     7ce747f00a6c28725c5b634625c7214e3ca3ec11981cf92e04733c8071915483\
                     c1aae0f4b27cbe6de332797c029b57d3";

fn label(spec: KeySpec) -> RecordLabel {
    RecordLabel {
        id: MaterialId::parse("test-material").expect("well-formed"),
        spec,
        tier: SourceTier::Local,
        created_at: at(1_790_000_000),
    }
}

fn known() -> SealedRecord {
    SealedRecord {
        label: label(KeySpec::SymmetricDefault),
        sealed: hex(KNOWN),
    }
}

fn refusal(record: &SealedRecord) -> Option<OpenError> {
    open(&known_master_key(), record).err()
}

#[test]
fn a_record_sealed_by_others_opens() {
    let material = open(&known_master_key(), &known()).expect("opens");
    assert!(material.expose().iter().copied().eq(200..=231));
}

#[test]
fn every_kind_of_material_is_sealed_and_opened() {
    let master = known_master_key();
    for material in every_material() {
        let sealed = seal(&master, label(material.spec()), &material).expect("sealed");
        assert_eq!(sealed.sealed.len(), material.expose().len() + 41);
        let opened = open(&master, &sealed).expect("opens");
        assert!(opened.same_as(&material));
        assert_eq!(opened.public_key_der(), material.public_key_der());
    }
}

#[test]
fn the_same_material_is_sealed_differently_each_time() {
    let material = &every_material()[0];
    let once = || seal(&known_master_key(), label(material.spec()), material).expect("sealed");
    assert_ne!(once(), once());
}

#[test]
fn a_record_with_any_byte_changed_does_not_open() {
    for at in 0..known().sealed.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut record = known();
            record.sealed[at] ^= change;
            let expected = match at {
                0 => OpenError::UnknownVersion {
                    found: record.sealed[0],
                },
                _ => OpenError::NotGenuine,
            };
            assert_eq!(refusal(&record), Some(expected), "byte {at}");
        }
    }
}

#[test]
fn a_record_cut_short_or_made_longer_does_not_open() {
    let whole = known().sealed;
    for length in 0..whole.len() {
        let mut record = known();
        record.sealed.truncate(length);
        let expected = match length {
            // One byte of material is the least that a record can hold.
            0..=41 => OpenError::TooShort { found: length },
            _ => OpenError::NotGenuine,
        };
        assert_eq!(refusal(&record), Some(expected), "{length} bytes");
    }
    let mut record = known();
    record.sealed.push(0);
    assert_eq!(refusal(&record), Some(OpenError::NotGenuine));
}

#[test]
fn a_record_under_another_label_does_not_open() {
    let swaps: [fn(&mut RecordLabel); 6] = [
        |label| label.id = MaterialId::parse("test-materiam").expect("well-formed"),
        |label| label.id = MaterialId::parse("test-material-").expect("well-formed"),
        |label| label.spec = KeySpec::Hmac256,
        |label| label.tier = SourceTier::Dsm,
        |label| label.created_at = at(1_790_000_001),
        |label| label.created_at = at(-1_790_000_000),
    ];
    for swap in swaps {
        let mut record = known();
        swap(&mut record.label);
        assert_eq!(refusal(&record), Some(OpenError::NotGenuine));
    }
}

#[test]
fn two_records_with_their_bytes_swapped_do_not_open() {
    let master = known_master_key();
    let sealed = |id: &str, first: u8| {
        let material = canonical(KeySpec::Hmac256, (first..first + 32).collect());
        let mut label = label(KeySpec::Hmac256);
        label.id = MaterialId::parse(id).expect("well-formed");
        seal(&master, label, &material).expect("sealed")
    };
    let (mut one, mut two) = (sealed("one", 1), sealed("two", 2));
    std::mem::swap(&mut one.sealed, &mut two.sealed);
    assert_eq!(refusal(&one), Some(OpenError::NotGenuine));
    assert_eq!(refusal(&two), Some(OpenError::NotGenuine));
}

#[test]
fn a_record_does_not_open_under_another_master_key() {
    let mut other: Vec<u8> = (0..32).collect();
    other[31] ^= 1;
    let error = open(&master_key(other), &known()).err();
    assert_eq!(error, Some(OpenError::NotGenuine));
}

#[test]
fn a_label_that_does_not_describe_the_material_is_refused() {
    let material = canonical(KeySpec::Hmac256, (1..=32).collect());
    let label = label(KeySpec::SymmetricDefault);
    let error = seal(&known_master_key(), label, &material).err();
    assert_eq!(error, Some(SealError::WrongLabel));
}

#[test]
fn other_bytes_open_under_their_own_name_and_master_key_only() {
    let master = known_master_key();
    let sealed = seal_bytes(&master, "one", b"the state of something").expect("sealed");
    let opened = open_bytes(&master, "one", &sealed).expect("opens");
    assert_eq!(opened.expose(), b"the state of something");
    let other = master_key(vec![7; 32]);
    for refused in [
        open_bytes(&master, "two", &sealed),
        open_bytes(&other, "one", &sealed),
    ] {
        assert_eq!(refused.err(), Some(OpenError::NotGenuine));
    }
    for length in 0..sealed.len() {
        assert!(open_bytes(&master, "one", &sealed[..length]).is_err());
    }
}
