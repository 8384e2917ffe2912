//! The icons 图标 of this installation: the product's, and an administrator's own beside them or in their place. In memory
//! with the sprites that they make; whatever server an icon is changed by, the others see it within a second.

mod queries;

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use bytes::Bytes;
use gis_data::{Store, Text2, Tx, Viewer};
use serde_json::{Value, json};
use tiles::{Drawing, ICON_MOST_BYTES, Icon, IconFault, IconName, Icons, Origin, Ratio};
use tokio::sync::{Mutex, OnceCell, watch};
use xxhash_rust::xxh3::xxh3_64;

use crate::audit::{self, Entry};
use crate::error::{ApiError, ApiResult};
use crate::identity::{self, Account, failed};
use queries::{Kept, Stamp};

/// How many an administrator may have added or replaced.
pub(crate) const ICONS_MOST: i64 = 200;
/// How soon a change elsewhere is seen here.
const EVERY: Duration = Duration::from_secs(1);

/// The icons as they are now, and the way to change them.
pub(crate) struct IconBook {
    store: Store,
    held: watch::Sender<Arc<Held>>,
    /// Held from reading to keeping, so that nothing older is kept after something newer.
    reading: Mutex<()>,
}

/// The icons of one moment.
pub(crate) struct Held {
    pub(crate) icons: Icons,
    kept: Vec<Kept>,
    single: OnceCell<Arc<Sheet>>,
    double: OnceCell<Arc<Sheet>>,
}

/// Both files of a sprite.
pub(crate) struct Sheet {
    pub(crate) png: Part,
    pub(crate) index: Part,
}

/// A file with its entity tag.
pub(crate) struct Part {
    pub(crate) bytes: Bytes,
    pub(crate) etag: String,
}

/// What a name was before an icon was put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// Nothing.
    New,
    /// Another icon's.
    InPlace,
}

/// Who changed an icon, and when.
pub(crate) struct Changed<'h> {
    pub(crate) by: &'h str,
    pub(crate) at: String,
    pub(crate) bytes: usize,
}

impl IconBook {
    /// Reads what is there.
    pub(crate) async fn open(store: Store) -> ApiResult<Self> {
        let mut tx = store.as_viewer(&Viewer::program()).await?;
        let held = Held::of(queries::icons(&mut tx).await?).await?;
        drop(tx);
        Ok(Self { store, held: watch::Sender::new(Arc::new(held)), reading: Mutex::default() })
    }

    /// The icons as they are now.
    pub(crate) fn held(&self) -> Arc<Held> {
        Arc::clone(&self.held.borrow())
    }

    /// Tells whenever one of them looks different.
    pub(crate) fn changes(&self) -> watch::Receiver<Arc<Held>> {
        self.held.subscribe()
    }

    /// Adds an icon, or puts it in place of the one of this name.
    pub(crate) async fn put(
        &self,
        by: &Account,
        name: &str,
        svg: &[u8],
        from: &identity::Origin,
    ) -> ApiResult<Put> {
        let name = named(name)?;
        let drawing = judged(&name, svg).await?;
        // It was judged: it is text.
        let text = String::from_utf8_lossy(svg);
        let mut tx = self.begin().await?;
        let before = queries::svg_of(&mut tx, name.as_str()).await?;
        if before.is_none() && queries::count(&mut tx).await? >= ICONS_MOST {
            return Err(too_many(&name));
        }
        queries::put(&mut tx, name.as_str(), &text, &by.login).await?;
        let entry = Entry::of(&by.login, "icon-put", from).on(name.as_str()).with(json!({
            "bytes": svg.len(), "version": drawing.version(), "replaced": before.is_some(),
        }));
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(failed("keep an icon"))?;
        self.reload().await?;
        let held = self.held();
        let is_own = held.icons.get(name.as_str()).is_none_or(|icon| icon.origin == Origin::Added);
        Ok(if before.is_none() && is_own { Put::New } else { Put::InPlace })
    }

    /// Takes an administrator's icon away; where it replaced one of the product's, that one is back.
    pub(crate) async fn remove(
        &self,
        by: &Account,
        name: &str,
        from: &identity::Origin,
    ) -> ApiResult<()> {
        let name = named(name)?;
        let mut tx = self.begin().await?;
        if !queries::remove(&mut tx, name.as_str()).await? {
            return Err(self.nothing_to_remove(&name));
        }
        let entry = Entry::of(&by.login, "icon-removed", from).on(name.as_str());
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(failed("remove an icon"))?;
        self.reload().await
    }

    fn nothing_to_remove(&self, name: &IconName) -> ApiError {
        if self.held().icons.get(name.as_str()).is_none() {
            return unknown(name.as_str());
        }
        ApiError::new(
            StatusCode::CONFLICT,
            "icon-shipped",
            ("随产品提供的图标不能移除", "An icon of the product"),
            (
                &format!("图标“{name}”随产品提供且未被替换，没有可移除的内容；可以上传新的来替换"),
                &format!(
                    "the icon {name} comes with the product and is not replaced; it can be replaced, not removed"
                ),
            ),
        )
    }

    /// Looks whether another server or a command has changed something.
    async fn look(&self) -> ApiResult<()> {
        let mut tx = self.begin().await?;
        if queries::stamps(&mut tx).await? != self.held().stamps() {
            drop(tx);
            self.reload().await?;
        }
        Ok(())
    }

    /// Whoever watches is told where something looks different.
    async fn reload(&self) -> ApiResult<()> {
        let _alone = self.reading.lock().await;
        let mut tx = self.begin().await?;
        let next = Held::of(queries::icons(&mut tx).await?).await?;
        self.held.send_if_modified(|held| {
            let looks_different = held.icons.version() != next.icons.version();
            *held = Arc::new(next);
            looks_different
        });
        Ok(())
    }

    async fn begin(&self) -> ApiResult<Tx> {
        Ok(self.store.as_viewer(&Viewer::program()).await?)
    }
}

impl Held {
    async fn of(kept: Vec<Kept>) -> ApiResult<Self> {
        let drawn = tokio::task::spawn_blocking(move || {
            let icons = Icons::with(kept.iter().filter_map(drawn));
            Self { icons, kept, single: OnceCell::new(), double: OnceCell::new() }
        });
        drawn.await.map_err(|error| ApiError::internal(&error))
    }

    /// The sprite, drawn when it is first asked for.
    pub(crate) async fn sheet(&self, ratio: Ratio) -> ApiResult<Arc<Sheet>> {
        let cell = match ratio {
            Ratio::Single => &self.single,
            Ratio::Double => &self.double,
        };
        let draw = || async {
            let icons = self.icons.clone();
            let drawn = tokio::task::spawn_blocking(move || icons.sheet(ratio)).await;
            let sheet = drawn
                .map_err(|error| ApiError::internal(&error))?
                .map_err(|error| ApiError::internal(&error))?;
            Ok::<_, ApiError>(Arc::new(Sheet {
                png: Part::of(sheet.png),
                index: Part::of(sheet.index),
            }))
        };
        cell.get_or_try_init(draw).await.map(Arc::clone)
    }

    /// Who changed the icon of this name last; `None` for one as the product has it.
    pub(crate) fn changed(&self, name: &IconName) -> Option<Changed<'_>> {
        let row = self.kept.iter().find(|row| row.name == name.as_str())?;
        Some(Changed { by: &row.updated_by, at: row.at(), bytes: row.svg.len() })
    }

    /// The icon of this name, or a problem.
    pub(crate) fn found(&self, name: &str) -> ApiResult<&Icon> {
        self.icons.get(name).ok_or_else(|| unknown(name))
    }

    fn stamps(&self) -> Vec<Stamp> {
        self.kept.iter().map(Kept::stamp).collect()
    }
}

impl Part {
    pub(crate) fn of(bytes: Bytes) -> Self {
        Self { etag: format!("\"{:016x}\"", xxh3_64(&bytes)), bytes }
    }
}

/// A row as an icon. It was judged before it was kept; a later release may judge otherwise.
fn drawn(row: &Kept) -> Option<(IconName, Drawing)> {
    let name = IconName::new_checked(&row.name)?;
    match Drawing::new_checked(row.svg.as_bytes()) {
        Ok(drawing) => Some((name, drawing)),
        Err(faults) => {
            tracing::warn!(%name, ?faults, "an icon on file is none any more");
            None
        }
    }
}

/// Runs as long as the server. While the database is away nothing can change, either.
pub(crate) async fn follow(book: Arc<IconBook>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let _ = book.look().await;
    }
}

/// Drawing takes some milliseconds, which no other request should wait for.
async fn judged(name: &IconName, svg: &[u8]) -> ApiResult<Drawing> {
    let bytes = svg.to_vec();
    tokio::task::spawn_blocking(move || Drawing::new_checked(&bytes))
        .await
        .map_err(|error| ApiError::internal(&error))?
        .map_err(|faults| refused(name.as_str(), &faults))
}

fn named(name: &str) -> ApiResult<IconName> {
    IconName::new_checked(name).ok_or_else(|| {
        ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "icon-name",
            ("图标名称无效", "Not a name of an icon"),
            (
                &format!("“{name}”不能作为图标名称：须以小写字母开头，由小写字母、数字和短横线组成，最多 40 个字符，如 fire-hydrant"),
                &format!("{name:?} cannot name an icon: a small letter, then small letters, digits and dashes, at most 40, such as fire-hydrant"),
            ),
        )
    })
}

/// Says everything that is wrong with an SVG.
pub(crate) fn refused(name: &str, faults: &[IconFault]) -> ApiError {
    let told: Vec<_> = faults.iter().map(IconFault::message).collect();
    let joined =
        |of: fn(&Text2) -> &str, by: &str| told.iter().map(of).collect::<Vec<_>>().join(by);
    let (status, code, title) = if faults.iter().any(IconFault::is_size) {
        (StatusCode::PAYLOAD_TOO_LARGE, "icon-too-large", ("图标文件过大", "Icon too large"))
    } else {
        (StatusCode::UNPROCESSABLE_ENTITY, "icon-refused", ("图标不能使用", "Icon refused"))
    };
    let errors: Vec<Value> =
        told.iter().map(|message| json!({"field": "svg", "message": message})).collect();
    let zh = format!("图标“{name}”：{}", joined(|t| t.zh.as_str(), "。"));
    let en = format!("the icon {name}: {}", joined(|t| t.en.as_str(), "; "));
    ApiError::new(status, code, title, (&zh, &en)).with_errors(json!(errors))
}

/// A body that ended before its size was known.
pub(crate) fn too_large(name: &str) -> ApiError {
    let limit = ICON_MOST_BYTES / 1024;
    ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "icon-too-large",
        ("图标文件过大", "Icon too large"),
        (
            &format!("图标“{name}”最大 {limit} KB；请简化路径或换一个更简单的图形"),
            &format!("the icon {name} may have {limit} KiB at most; simplify its paths"),
        ),
    )
}

fn too_many(name: &IconName) -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        "icons-full",
        ("自定义图标已满", "No room for more icons"),
        (
            &format!("已有 {ICONS_MOST} 个自定义图标（上限），未保存“{name}”；请先移除不用的图标"),
            &format!(
                "there are {ICONS_MOST} icons of your own, which is the limit, so {name} is not kept; remove one first"
            ),
        ),
    )
}

fn unknown(name: &str) -> ApiError {
    ApiError::not_found(
        &format!("没有图标“{name}”，GET /api/v1/icons 列出全部"),
        &format!("no icon is named {name:?}; GET /api/v1/icons lists them"),
    )
}
