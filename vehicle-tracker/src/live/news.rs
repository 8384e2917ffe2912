//! What else of vehicles changed that people watch: alarms and seals, by whose vehicles they are.
//!
//! The last change of each scope is remembered, and nothing is queued: whoever looks late is told once, however much happened, and
//! is told neither which vehicle nor what of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use gis_data::{Permission, ScopeId, Viewer};
use serde::Serialize;
use tokio::sync::watch;

/// What there is news of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Alarms 报警: one began, ended, grew worse, was taken back, or somebody did something about it.
    Alarms,
    /// Seals 封存: one was made, lifted or withdrawn.
    Seals,
}

impl About {
    const ALL: [Self; 2] = [Self::Alarms, Self::Seals];

    /// As the outbox writes it.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "alarms" => Some(Self::Alarms),
            "seals" => Some(Self::Seals),
            _ => None,
        }
    }

    /// What a viewer has to hold over a vehicle to hear of it: the same as to read it.
    fn needs(self) -> Permission {
        match self {
            Self::Alarms => Permission::Track,
            Self::Seals => Permission::Read,
        }
    }
}

/// Changed by the follower, read by every feed.
#[derive(Debug)]
pub(crate) struct News {
    book: Mutex<Book>,
    newest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Book {
    newest: u64,
    last: BTreeMap<(About, ScopeId), u64>,
    by_revision: BTreeMap<u64, (About, ScopeId)>,
    /// When anything may have changed that nobody was told of.
    anything: u64,
}

impl Default for News {
    fn default() -> Self {
        Self { book: Mutex::default(), newest: watch::Sender::new(0) }
    }
}

impl News {
    /// Something changed of these vehicles.
    pub(crate) fn tell(&self, changed: impl IntoIterator<Item = (About, ScopeId)>) {
        let mut book = self.lock();
        for one in changed {
            book.newest += 1;
            let newest = book.newest;
            if let Some(before) = book.last.insert(one, newest) {
                book.by_revision.remove(&before);
            }
            book.by_revision.insert(newest, one);
        }
        self.send(book.newest);
    }

    /// Nobody knows what changed: everybody asks again.
    pub(super) fn tell_everybody(&self) {
        let mut book = self.lock();
        book.newest += 1;
        book.anything = book.newest;
        self.send(book.newest);
    }

    /// Grows with every change; wait on it to hear of one.
    pub(crate) fn newest(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// What changed after a revision, as far as a viewer may hear of it; and the revision to ask from next.
    pub(crate) fn since(&self, revision: u64, viewer: &Viewer) -> (u64, BTreeSet<About>) {
        let book = self.lock();
        let mut heard = BTreeSet::new();
        if book.anything > revision {
            heard.extend(About::ALL);
        }
        for (about, scope) in
            book.by_revision.range(revision.saturating_add(1)..).map(|(_, one)| one)
        {
            if !heard.contains(about) && viewer.may(about.needs(), *scope) {
                heard.insert(*about);
            }
        }
        (book.newest, heard)
    }

    fn send(&self, newest: u64) {
        self.newest.send_if_modified(|sent| std::mem::replace(sent, newest) != newest);
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewer(read: &[i32], track: &[i32]) -> Viewer {
        let set = |scopes: &[i32]| scopes.iter().map(|n| ScopeId(*n)).collect();
        let allowed = [(Permission::Read, set(read)), (Permission::Track, set(track))];
        Viewer::compiled("county", allowed.into())
    }

    #[test]
    fn who_looks_late_hears_once_of_what_is_theirs_to_know() {
        let news = News::default();
        let county = viewer(&[1, 2], &[1]);
        assert_eq!(news.since(0, &county), (0, BTreeSet::new()));
        for _ in 0..1_000 {
            news.tell([(About::Alarms, ScopeId(1)), (About::Alarms, ScopeId(3))]);
        }
        let (heard, about) = news.since(0, &county);
        assert_eq!((heard, about), (2_000, [About::Alarms].into()));
        assert_eq!(news.since(heard, &county), (heard, BTreeSet::new()), "nothing twice");
        assert_eq!(news.lock().by_revision.len(), 2, "one change a scope is remembered");
    }

    #[test]
    fn alarms_are_news_to_those_who_see_journeys_and_seals_to_those_who_see_the_vehicle() {
        let news = News::default();
        news.tell([(About::Alarms, ScopeId(2)), (About::Seals, ScopeId(2))]);
        assert_eq!(news.since(0, &viewer(&[1, 2], &[1])).1, [About::Seals].into());
        assert_eq!(news.since(0, &viewer(&[1], &[1])).1, BTreeSet::new());
        assert_eq!(news.since(0, &viewer(&[2], &[2])).1, About::ALL.into());
    }

    #[test]
    fn after_a_time_of_which_nobody_knows_everybody_asks_again() {
        let news = News::default();
        news.tell([(About::Alarms, ScopeId(1))]);
        news.tell_everybody();
        let (heard, about) = news.since(1, &viewer(&[7], &[7]));
        assert_eq!((heard, about), (2, About::ALL.into()));
        assert_eq!(news.since(heard, &viewer(&[7], &[7])).1, BTreeSet::new());
    }
}
