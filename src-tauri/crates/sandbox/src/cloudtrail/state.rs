//! What is kept: the latest records, and the trails.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::record::Record;
use super::trail_form::Trail;

/// Records of requests that changed something; the oldest go first, so that memory stays bounded.
const WRITES_KEPT: usize = 10_000;
/// The others, of which there are more: they do not push out what was changed.
const READS_KEPT: usize = 20_000;

/// Neither of them takes more bytes than this, whatever they tell.
const BYTES_KEPT: usize = 48 * 1024 * 1024;

/// What the service remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    turn: u64,
    /// Forgotten with the process: a state that is written at every change would soon be mostly these.
    #[serde(skip)]
    reads: VecDeque<Record>,
    writes: VecDeque<Record>,
    /// Bytes of both, once they were counted.
    #[serde(skip)]
    held: [Option<usize>; 2],
    /// By their ARNs.
    pub(super) trails: BTreeMap<String, Trail>,
}

impl State {
    /// Keeps a record, which is numbered here.
    pub(super) fn keep(&mut self, record: Record) {
        self.turn += 1;
        let record = Record {
            turn: self.turn,
            ..record
        };
        let [reads_held, writes_held] = &mut self.held;
        let (records, most, held) = match record.reads {
            true => (&mut self.reads, READS_KEPT, reads_held),
            false => (&mut self.writes, WRITES_KEPT, writes_held),
        };
        let mut bytes = held.unwrap_or_else(|| records.iter().map(Record::held).sum());
        bytes += record.held();
        while records.len() >= most || bytes > BYTES_KEPT {
            let Some(oldest) = records.pop_front() else {
                break;
            };
            bytes -= oldest.held();
        }
        *held = Some(bytes);
        records.push_back(record);
    }

    /// All that is kept of an account in a region, in no order.
    pub(super) fn records(&self, account: &str, region: &str) -> impl Iterator<Item = &Record> {
        let all = self.reads.iter().chain(&self.writes);
        all.filter(move |record| *record.account == *account && *record.region == *region)
    }
}
