//! The database server of `.ci/cluster run`, which this bench kills.

use std::process::Command;

/// A cluster that is ours to kill.
pub(crate) struct Cluster {
    script: String,
}

impl Cluster {
    /// None where the database belongs to somebody else.
    pub(crate) fn of_this_run() -> Option<Self> {
        let script = std::env::var("ONEMAP_CLUSTER").ok()?;
        std::env::var("ONEMAP_CLUSTER_DIR").ok()?;
        Some(Self { script })
    }

    /// Kills the first process with -9; returns when the last backend is gone too.
    pub(crate) fn crash(&self) {
        self.call("crash");
    }

    /// Starts it again; returns when it has recovered.
    pub(crate) fn start(&self) {
        self.call("start");
    }

    fn call(&self, verb: &str) {
        let output = Command::new(&self.script).arg(verb).output().unwrap();
        assert!(output.status.success(), "{verb}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
