//! Which terminals are linked with this server by TCP, and how to reach them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::CommandKind;
use crate::topic::TerminalId;

/// Orders that a link may leave waiting.
const WAITING: usize = 16;

/// A command on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) command_id: i64,
    pub(crate) kind: CommandKind,
}

type Way = mpsc::Sender<Order>;

/// The links by terminal; of several links of one terminal the newest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links(Arc<Mutex<HashMap<TerminalId, Way>>>);

/// A link that can be reached; dropped with it.
#[derive(Debug)]
pub(crate) struct Listed {
    links: Links,
    terminal: TerminalId,
    way: Way,
    orders: mpsc::Receiver<Order>,
}

impl Links {
    /// From now on the terminal is reached by this link.
    pub(crate) fn list(&self, terminal: TerminalId) -> Listed {
        let (way, orders) = mpsc::channel(WAITING);
        self.lock().insert(terminal.clone(), way.clone());
        Listed { links: self.clone(), terminal, way, orders }
    }

    /// Whether it has a link.
    pub(crate) fn has(&self, terminal: &TerminalId) -> bool {
        self.lock().contains_key(terminal)
    }

    /// `false` when there is no link any more, or it does not take orders.
    pub(crate) fn give(&self, terminal: &TerminalId, order: Order) -> bool {
        self.lock().get(terminal).is_some_and(|way| way.try_send(order).is_ok())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TerminalId, Way>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listed {
    /// The next order.
    pub(crate) async fn next(&mut self) -> Option<Order> {
        self.orders.recv().await
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let mut links = self.links.lock();
        // A newer link of the same terminal stays.
        if links.get(&self.terminal).is_some_and(|way| way.same_channel(&self.way)) {
            links.remove(&self.terminal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn orders_go_to_the_newest_link_until_it_ends() {
        let (links, terminal) = (Links::default(), TerminalId::new_checked("T1").unwrap());
        let order = |command_id| Order { command_id, kind: CommandKind::Locate {} };
        assert!(!links.give(&terminal, order(1)));
        let old = links.list(terminal.clone());
        let mut new = links.list(terminal.clone());
        drop(old);
        assert!(links.has(&terminal) && links.give(&terminal, order(2)));
        assert_eq!(new.next().await, Some(order(2)));
        for n in 0..16 {
            assert!(links.give(&terminal, order(n)));
        }
        assert!(!links.give(&terminal, order(16)), "it leaves them waiting");
        drop(new);
        assert!(!links.has(&terminal) && !links.give(&terminal, order(3)));
    }
}
