//! Connections as they come, and who is at their other end.

use std::io;
use std::net::SocketAddr;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Connections on which the end of an answer does not wait until its beginning is acknowledged (Nagle's algorithm, RFC 896).
pub(crate) struct PromptListener(pub(crate) TcpListener);

impl Listener for PromptListener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        // Waits by itself when no more files can be opened.
        let (socket, peer) = Listener::accept(&mut self.0).await;
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%peer, %error, "the connection stays slow");
        }
        (socket, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, PromptListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, PromptListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_of_an_answer_does_not_wait() {
        let mut listener = PromptListener(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (socket, peer) = listener.accept().await;
        assert!(socket.nodelay().unwrap());
        assert_eq!(peer, client.local_addr().unwrap());
    }
}
