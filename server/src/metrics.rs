//! Prometheus text.

use std::fmt::Write as _;

use axum::http::header;
use axum::response::IntoResponse;
use gis_data::Viewer;
use vehicle_tracker::StepTimes;

use crate::extract::Loaded;

pub(crate) async fn get_metrics(Loaded(city): Loaded) -> impl IntoResponse {
    let mut text = String::new();
    let mut spread = String::new();
    let mut one = |name: &str, kind: &str, labels: &str, value: f64| {
        let _ = writeln!(text, "# TYPE onemap_{name} {kind}\nonemap_{name}{labels} {value}");
    };
    if let Some(tracker) = city.tracker.lock().await.as_ref() {
        let c = tracker.counters();
        #[expect(clippy::cast_precision_loss, reason = "Prometheus numbers are doubles")]
        let f = |n: u64| n as f64;
        one("mqtt_messages_received_total", "counter", "", f(c.received));
        one("mqtt_messages_acknowledged_total", "counter", "", f(c.acknowledged));
        one("mqtt_messages_refused_total", "counter", "", f(c.refused));
        one("positions_stored_total", "counter", "", f(c.stored));
        one("positions_duplicate_total", "counter", "", f(c.duplicate));
        one("position_batches_total", "counter", "", f(c.batches));
        one("position_database_errors_total", "counter", "", f(c.database_errors));
        one("position_last_commit_ms", "gauge", "", c.last_commit_ms);
        one("position_queue_depth", "gauge", "", f(c.queue_depth));
        one("jt808_links", "gauge", "", f(c.links));
        one("jt808_frames_broken_total", "counter", "", f(c.broken_frames));
        for (reason, count) in c.rejected {
            one(
                "positions_rejected_total",
                "counter",
                &format!("{{reason=\"{reason}\"}}"),
                f(count),
            );
        }
        spread = histogram("onemap_position_step_seconds", &c.steps);
    }
    let viewer = Viewer::program();
    for mirror in city.mirrors.in_order() {
        #[expect(clippy::cast_precision_loss, reason = "Prometheus numbers are doubles")]
        let count = mirror.snapshot().count(&viewer) as f64;
        one(
            "layer_features",
            "gauge",
            &format!("{{layer=\"{}\"}}", mirror.layer().layer_id),
            count,
        );
    }
    text.push_str(&spread);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}

fn histogram(name: &str, steps: &[StepTimes]) -> String {
    let mut text = format!("# TYPE {name} histogram\n");
    for StepTimes { step, count, seconds, at_most } in steps {
        for (bound, within) in at_most {
            let _ = writeln!(text, "{name}_bucket{{step=\"{step}\",le=\"{bound}\"}} {within}");
        }
        let _ = writeln!(text, "{name}_bucket{{step=\"{step}\",le=\"+Inf\"}} {count}");
        let _ = writeln!(text, "{name}_sum{{step=\"{step}\"}} {seconds}");
        let _ = writeln!(text, "{name}_count{{step=\"{step}\"}} {count}");
    }
    text
}
