//! How long somebody who keeps guessing has to wait.

use std::time::Duration;

/// Wrong passwords that are free: of one account, and from one address, behind which a whole office may sit.
const FREE: [i32; 2] = [5, 30];
/// Practice at grade 3 of GB/T 22239-2019 8.1.4.1 b: locked for ten minutes to half an hour.
const STEPS_MIN: [u64; 3] = [10, 20, 30];

/// What failures are counted of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject<'a> {
    /// An account's name, whether there is such an account or not.
    Login(&'a str),
    /// Where the requests come from.
    Address(&'a str),
}

impl Subject<'_> {
    /// The key it is counted under.
    pub(crate) fn key(self) -> String {
        match self {
            Self::Login(login) => format!("login:{login}"),
            Self::Address(address) => format!("address:{address}"),
        }
    }

    /// How long after the last of so many failures nothing is tried.
    pub(crate) fn wait_after(self, failures: i32) -> Option<Duration> {
        let free = match self {
            Self::Login(_) => FREE[0],
            Self::Address(_) => FREE[1],
        };
        let beyond = usize::try_from(failures - free).ok()?;
        let minutes = STEPS_MIN[beyond.min(STEPS_MIN.len() - 1)];
        Some(Duration::from_secs(60 * minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_wrong_password_locks_and_further_ones_lock_longer() {
        let minutes =
            |failures| Subject::Login("li").wait_after(failures).map(|wait| wait.as_secs() / 60);
        let waits: Vec<Option<u64>> = [0, 4, 5, 6, 7, 100].map(minutes).into();
        assert_eq!(waits, [None, None, Some(10), Some(20), Some(30), Some(30)]);
    }

    #[test]
    fn an_address_has_more_patience_than_an_account() {
        assert_eq!(Subject::Address("10.0.0.7").wait_after(29), None);
        assert!(Subject::Address("10.0.0.7").wait_after(30).is_some());
        assert_ne!(Subject::Address("x").key(), Subject::Login("x").key());
    }
}
