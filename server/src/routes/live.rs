//! The live stream: vehicles of the view, and which tiles to ask for again.

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use gis_data::{Bbox, FeatureId};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use vehicle_tracker::{ClientFeed, View};

use crate::error::{ApiError, ApiResult};
use crate::extract::{Loaded, Signed};
use crate::identity::{Known, Presented};
use crate::live::{Format, now_ms, told};
use crate::state::{AppState, City};

/// The largest message a browser may send.
const MESSAGE_BYTES: usize = 16 * 1024;

/// The most vehicles that a client keeps: the one it follows, and some beside it.
const KEPT_MOST: usize = 16;

#[derive(Deserialize)]
struct Request {
    subscribe: Option<Subscribe>,
    /// Features that are told as themselves wherever they are. Default: those of before.
    keep: Option<BTreeSet<i64>>,
}

#[derive(Deserialize)]
struct Subscribe {
    bbox: [f64; 4],
    zoom: f64,
    #[serde(default)]
    format: Format,
    /// From more vehicles than this on the client wants clusters of them while the zoom is low. Default: never.
    cluster_above: Option<u32>,
}

/// What a client asks for.
struct Asked {
    view: Option<(View, Format)>,
    keep: Option<BTreeSet<FeatureId>>,
}

impl Asked {
    fn tell(self, feed: &mut ClientFeed, format: &mut Format) {
        if let Some(kept) = self.keep {
            feed.keep(kept);
        }
        if let Some((view, wanted)) = self.view {
            feed.look_at(view);
            *format = wanted;
        }
    }
}

/// The session is over: the browser goes to the sign-in page.
const SIGNED_OUT: u16 = 4401;
/// How often a session without news is looked at: it may have expired.
const LOOK_EVERY: Duration = Duration::from_secs(30);

pub(crate) async fn get_live(
    State(state): State<AppState>,
    Loaded(city): Loaded,
    Signed(known): Signed,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> ApiResult<Response> {
    let presented = Presented::in_headers(&headers).ok_or_else(ApiError::not_signed_in)?;
    let client = Client { presented, known };
    Ok(upgrade.max_message_size(MESSAGE_BYTES).on_upgrade(move |socket| async move {
        let ending = state.ending.clone();
        tokio::select! {
            () = talk(socket, city, client) => {}
            () = ending.cancelled() => {}
        }
    }))
}

/// Whoever listens, and what they showed at the door.
struct Client {
    presented: Presented,
    known: Arc<Known>,
}

/// What has become of a client's rights.
enum Rights {
    Same,
    Changed,
    Gone,
}

impl Client {
    async fn look(&mut self, city: &City) -> Rights {
        match city.identity.peek(&self.presented).await {
            Ok(Some(now)) => {
                let is_same = now.account == self.known.account;
                self.known = now;
                if is_same { Rights::Same } else { Rights::Changed }
            }
            Ok(None) => Rights::Gone,
            // Without its database the server can say neither yes nor no; nothing new is told meanwhile.
            Err(_logged) => Rights::Same,
        }
    }
}

async fn talk(mut socket: WebSocket, city: Arc<City>, mut client: Client) {
    let mut feed = city.hub.subscribe(client.known.account.viewer.clone());
    let mut changes = city.changes.subscribe();
    let mut rights = city.identity.changes();
    let mut icons = city.icons.changes();
    let mut looks = tokio::time::interval(LOOK_EVERY);
    let mut seq = 0_u64;
    let mut format = Format::default();
    loop {
        let message = tokio::select! {
            heard = socket.recv() => match heard {
                Some(Ok(Message::Text(text))) => match look(&text) {
                    Ok(asked) => {
                        asked.tell(&mut feed, &mut format);
                        continue;
                    }
                    Err(fault) => json!({"type": "error", "detail": fault}),
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => continue,
            },
            update = feed.next() => {
                seq += 1;
                let viewer = &client.known.account.viewer;
                if socket.send(told(format, update, viewer, (seq, now_ms()))).await.is_err() {
                    return;
                }
                continue;
            }
            change = changes.recv() => match change {
                Ok(change) => {
                    let boxes = change.boxes(&client.known.account.viewer);
                    if boxes.is_empty() {
                        continue;
                    }
                    json!({
                        "type": "layer_changed",
                        "layer": change.layer_id,
                        "version": change.version,
                        "bboxes": boxes.iter().map(|b| b.to_array()).collect::<Vec<_>>(),
                    })
                }
                // Too many changes at once: every tile of every layer may be old.
                Err(RecvError::Lagged(_)) => json!({
                    "type": "layer_changed", "layer": "*", "version": 0, "bboxes": [[-180, -90, 180, 90]],
                }),
                Err(RecvError::Closed) => return,
            },
            drawn = icons.changed() => match drawn {
                Ok(()) => json!({"type": "style_changed"}),
                Err(_gone) => return,
            },
            () = async { tokio::select! { _ = rights.changed() => {}, _ = looks.tick() => {} } } => {
                match client.look(&city).await {
                    Rights::Same => continue,
                    Rights::Gone => {
                        let close = CloseFrame { code: SIGNED_OUT, reason: "signed out".into() };
                        let _ = socket.send(Message::Close(Some(close))).await;
                        return;
                    }
                    Rights::Changed => {
                        feed.set_viewer(client.known.account.viewer.clone());
                        json!({"type": "rights_changed"})
                    }
                }
            }
        };
        seq += 1;
        if socket.send(Message::Text(stamped(message, seq).to_string().into())).await.is_err() {
            return;
        }
    }
}

fn look(text: &str) -> Result<Asked, String> {
    let request: Request = serde_json::from_str(text).map_err(|e| e.to_string())?;
    if request.subscribe.is_none() && request.keep.is_none() {
        return Err("there is neither subscribe nor keep".to_owned());
    }
    let view = request.subscribe.as_ref().map(view_of).transpose()?;
    let keep = request.keep.map(|ids| ids.into_iter().map(FeatureId).collect::<BTreeSet<_>>());
    if let Some(count) = keep.as_ref().map(BTreeSet::len).filter(|count| *count > KEPT_MOST) {
        return Err(format!("{count} vehicles are more than the {KEPT_MOST} that can be kept"));
    }
    Ok(Asked { view, keep })
}

fn view_of(asked: &Subscribe) -> Result<(View, Format), String> {
    let [west, south, east, north] = asked.bbox;
    // A map that is zoomed far out shows the earth more than once.
    let clamped = [west.max(-180.0), south.max(-90.0), east.min(180.0), north.min(90.0)];
    let bbox = Bbox::new_checked(clamped)
        .ok_or_else(|| format!("{:?} is no box on the earth", asked.bbox))?;
    let cluster_above = asked.cluster_above.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
    Ok((View { bbox, zoom: asked.zoom, cluster_above }, asked.format))
}

fn stamped(mut message: Value, seq: u64) -> Value {
    message["seq"] = json!(seq);
    message["at_ms"] = json!(now_ms());
    message
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn random_frames_are_a_view_on_the_earth_or_a_fault(text in prop_oneof![
            "\\PC{0,200}",
            prop::collection::vec(any::<f64>(), 0..6).prop_map(|b| json!({"subscribe": {"bbox": b, "zoom": 3}}).to_string()),
            (any::<i64>(), "[a-z]{1,9}").prop_map(|(n, key)| json!({"subscribe": {key: n}}).to_string()),
        ]) {
            if let Ok(Asked { view: Some((view, _)), .. }) = look(&text) {
                let [west, south, east, north] = view.bbox.to_array();
                prop_assert!((-180.0..=180.0).contains(&west) && (-180.0..=180.0).contains(&east));
                prop_assert!(-90.0 <= south && south <= north && north <= 90.0);
            }
        }

        #[test]
        fn random_boxes_that_touch_the_earth_are_looked_at(west in -400.0..179.0_f64, width in 1.0..700.0_f64, south in -100.0..80.0_f64) {
            prop_assume!(west + width > -180.0);
            let bbox = json!([west, south, west + width, south + 5.0]);
            let text = json!({"subscribe": {"bbox": bbox, "zoom": 3.5}}).to_string();
            prop_assert!(look(&text).is_ok() || south + 5.0 < -90.0);
        }
    }

    #[test]
    fn vehicles_are_kept_with_a_view_or_without_one_and_not_without_end() {
        let asked = look(r#"{"keep": [7, 7, 8]}"#).ok().unwrap();
        assert!(asked.view.is_none());
        assert_eq!(asked.keep.unwrap(), BTreeSet::from([FeatureId(7), FeatureId(8)]));
        let both = r#"{"subscribe": {"bbox": [1, 2, 3, 4], "zoom": 9, "cluster_above": 2000}, "keep": []}"#;
        let asked = look(both).ok().unwrap();
        assert_eq!(asked.view.unwrap().0.cluster_above, Some(2_000));
        assert!(asked.keep.unwrap().is_empty());
        let many = json!({"keep": (0..17).collect::<Vec<_>>()}).to_string();
        assert!(look(&many).err().unwrap().contains("17 vehicles"));
        assert!(look("{}").is_err());
    }
}
