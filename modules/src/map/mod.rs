//! What modules show: figures on cards, and themes that turn with the day.

mod queries;

use gis_data::{Text2, Viewer};
use serde::Serialize;

use crate::engine::Engine;
use crate::{ModuleError, Result};

/// A figure 指标, as this viewer sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// The name.
    pub id: String,
    /// What people call it.
    pub title: Text2,
    /// The number.
    pub value: f64,
    /// What it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Where its records are.
    pub href: String,
}

impl Engine {
    /// The figures of a module: its selections, run with the viewer's own rights.
    pub async fn figures(&self, viewer: &Viewer, module: &str) -> Result<Vec<Figure>> {
        let module = self
            .registry()
            .module(module)
            .ok_or_else(|| ModuleError::Nothing(format!("module {module:?}")))?;
        let mut tx = self.begin(viewer).await?;
        let mut figures = Vec::with_capacity(module.about.figures.len());
        for figure in &module.about.figures {
            let sql = module.sql.get(&figure.sql).map_or("", String::as_str);
            figures.push(Figure {
                id: figure.id.clone(),
                title: figure.title.clone(),
                value: queries::figure(&mut tx, sql).await?,
                unit: figure.unit.clone(),
                href: figure.href.clone(),
            });
        }
        Ok(figures)
    }

    /// What midnight changes: themes where something begins or ends today, and who has too much by today's standards.
    pub async fn turn_day(&self) -> Result<()> {
        let mut tx = self.begin(&Viewer::program()).await?;
        for theme in self.registry().modules().iter().flat_map(|m| &m.about.themes) {
            if let Some(during) = &theme.during {
                for table in &theme.follows {
                    if queries::has_column(&mut tx, table, during).await? {
                        queries::turn(&mut tx, &theme.id, table, during).await?;
                    }
                }
            }
        }
        let book = crate::standard::book_in(&mut tx).await?;
        crate::seat::refresh_all(&mut tx, &book, crate::dates::today()).await?;
        tx.commit().await.map_err(ModuleError::query("turn the day"))
    }
}
