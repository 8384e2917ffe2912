//! Which vehicles changed, in the order of revisions, as far back as anybody who keeps up looks.

use std::collections::VecDeque;

use super::{Handle, Standing};

/// Half a minute of two thousand changes a second; who is further behind looks at everything.
const REMEMBERED: usize = 65_536;

/// One vehicle a revision; the newest revision is the last.
#[derive(Debug, Default)]
pub(super) struct Changes {
    newest: u64,
    changes: VecDeque<Change>,
}

/// A vehicle, and how it stood before it changed; `None` when nobody knew where it was.
pub(super) type Change = (Handle, Option<Standing>);

impl Changes {
    /// The revision of the last change; 0 before the first.
    pub(super) fn newest(&self) -> u64 {
        self.newest
    }

    /// A vehicle changed; answers the revision.
    pub(super) fn add(&mut self, change: Change) -> u64 {
        if self.changes.len() == REMEMBERED {
            self.changes.pop_front();
        }
        self.changes.push_back(change);
        self.newest += 1;
        self.newest
    }

    /// What changed after a revision, the oldest first; `None` when not all of it is remembered.
    pub(super) fn since(&self, revision: u64) -> Option<impl Iterator<Item = Change>> {
        let missed = usize::try_from(self.newest.checked_sub(revision)?).ok()?;
        let first = self.changes.len().checked_sub(missed)?;
        Some(self.changes.range(first..).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_keeps_up_hears_of_each_change_and_who_does_not_is_told_so() {
        let mut changes = Changes::default();
        assert_eq!(changes.since(0).unwrap().count(), 0);
        for n in 1..=100 {
            assert_eq!(changes.add((Handle(n), None)), u64::from(n));
        }
        let heard: Vec<_> = changes.since(98).unwrap().collect();
        assert_eq!(heard, [(Handle(99), None), (Handle(100), None)]);
        assert!(changes.since(101).is_none(), "of another stream");
        for n in 0..u32::try_from(REMEMBERED).unwrap() {
            changes.add((Handle(n), None));
        }
        assert!(changes.since(99).is_none());
        assert_eq!(changes.since(100).unwrap().count(), REMEMBERED);
    }
}
