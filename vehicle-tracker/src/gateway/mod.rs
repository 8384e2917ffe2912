//! JT/T 808 terminals by TCP. An answer to a location (0x8001) leaves only after the commit that holds it,
//! and answers leave in the order of the questions.

mod conversation;
mod link;
mod orders;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::broker::{Door, Intake};
use crate::command::Links;
use crate::counters::Counters;
use crate::error::{Result, TrackerError};

use link::Link;

/// Links at one time; further terminals wait in the listener's queue and come again.
const LINKS: usize = 100_000;
/// After a failed accept, such as for want of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The open port; `shutdown` closes it.
pub(crate) struct Gateway {
    address: SocketAddr,
    closing: CancellationToken,
    accepting: JoinHandle<()>,
    links: TaskTracker,
}

impl Gateway {
    /// Listens; port 0 takes a free one.
    pub(crate) async fn start(
        listen: SocketAddr,
        door: Arc<dyn Door>,
        (intake, orders): (Intake, Links),
        counters: Arc<Counters>,
    ) -> Result<Self> {
        let failed = |source: std::io::Error| TrackerError::Listen {
            address: listen,
            source: source.into(),
        };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (closing, links) = (CancellationToken::new(), TaskTracker::new());
        let link = Link { door, intake, orders, counters, closing: closing.clone() };
        let accepting = tokio::spawn(accept(listener, link, links.clone()));
        tracing::info!(%address, "listening for terminals of JT/T 808");
        Ok(Self { address, closing, accepting, links })
    }

    /// Where terminals connect.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Reads nothing more; what was taken is committed and answered.
    pub(crate) async fn shutdown(self) {
        self.closing.cancel();
        self.accepting.abort();
        // The handle of an aborted task says no more than that.
        let _ = self.accepting.await;
        self.links.close();
        self.links.wait().await;
    }
}

async fn accept(listener: TcpListener, link: Link, links: TaskTracker) {
    let places = Arc::new(Semaphore::new(LINKS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let link = link.clone();
                links.spawn(async move {
                    link.serve(stream, peer).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "could not take a terminal's call");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
