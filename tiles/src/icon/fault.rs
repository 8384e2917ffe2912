//! What may be wrong with an SVG that is to be an icon, where, and what helps.

use gis_data::Text2;

use super::judge::{ICON_MOST_BYTES, MOST_ELEMENTS};

/// One thing that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IconFault {
    /// More than [`ICON_MOST_BYTES`].
    TooLarge {
        /// How many there are.
        bytes: usize,
    },
    /// Not UTF-8.
    NotText,
    /// Not well-formed XML, or with a document type.
    NotXml {
        /// The parser's own words, with line and column.
        reason: String,
    },
    /// Its root is something else.
    NotSvg {
        /// The root.
        found: String,
    },
    /// More elements than a pictogram can need.
    TooManyElements {
        /// How many there are.
        count: usize,
    },
    /// An element that icons do not have.
    Element {
        /// Line of the file.
        line: u32,
        /// Its name.
        name: String,
    },
    /// A script, or an attribute that is one.
    Script {
        /// Line of the file.
        line: u32,
        /// The element or attribute.
        name: String,
    },
    /// Something outside of the file.
    Reference {
        /// Line of the file.
        line: u32,
        /// What it points at.
        target: String,
    },
    /// CSS that does more than set plain values.
    Css {
        /// Line of the file.
        line: u32,
        /// What it is that does more.
        found: String,
    },
    /// A clip path that is clipped itself.
    NestedClip {
        /// Line of the file.
        line: u32,
    },
    /// Neither a size nor a `viewBox`.
    NoSize,
    /// Nothing can be seen.
    DrawsNothing,
    /// Its square is full: a pictogram is what is left out.
    CoversAll,
}

impl IconFault {
    /// What to say of it, with the way out.
    pub fn message(&self) -> Text2 {
        let (zh, en) = match self {
            Self::TooLarge { bytes } => (
                format!(
                    "有 {bytes} 字节，最多 {ICON_MOST_BYTES} 字节；请简化路径或换一个更简单的图形"
                ),
                format!(
                    "it has {bytes} bytes, at most {ICON_MOST_BYTES} are allowed; simplify its paths"
                ),
            ),
            Self::NotText => (
                "不是 UTF-8 文本；请另存为普通 SVG（不是 SVGZ 或图片）".to_owned(),
                "it is not UTF-8 text; save it as plain SVG, not as SVGZ or a picture".to_owned(),
            ),
            Self::NotXml { reason } => (
                format!("不是格式正确的 XML（{reason}）；请从绘图软件重新导出"),
                format!("it is not well-formed XML ({reason}); export it again"),
            ),
            Self::NotSvg { found } => (
                format!("根元素是 <{found}>，应为 SVG 命名空间中的 <svg>"),
                format!("its root is <{found}>, and not <svg> in the namespace of SVG"),
            ),
            Self::TooManyElements { count } => (
                format!("有 {count} 个元素，最多 {MOST_ELEMENTS} 个；请合并路径"),
                format!(
                    "it has {count} elements, at most {MOST_ELEMENTS} are allowed; join its paths"
                ),
            ),
            Self::Element { line, name } => (
                format!("第 {line} 行：图标中不能有 <{name}>；请转换为路径"),
                format!("line {line}: icons have no <{name}>; convert it to paths"),
            ),
            Self::Script { line, name } => (
                format!("第 {line} 行：图标中不能有脚本（{name}）；请删除"),
                format!("line {line}: icons have no scripts ({name}); take it out"),
            ),
            Self::Reference { line, target } => (
                format!("第 {line} 行：图标不能引用外部内容（{target}）；请嵌入为路径"),
                format!(
                    "line {line}: icons refer to nothing outside of the file ({target}); draw it as paths"
                ),
            ),
            Self::Css { line, found } => (
                format!("第 {line} 行：样式中不能有“{found}”；请改为属性或删除"),
                format!(
                    "line {line}: its CSS has {found:?}; write attributes in its place, or take it out"
                ),
            ),
            Self::NestedClip { line } => (
                format!("第 {line} 行：裁剪路径中不能再有裁剪；请合并"),
                format!("line {line}: a clip path is clipped itself; join the two"),
            ),
            Self::NoSize => (
                "没有有效的大小；请设置 viewBox，例如 viewBox=\"0 0 20 20\"".to_owned(),
                "it has no valid size; give it a viewBox, such as viewBox=\"0 0 20 20\"".to_owned(),
            ),
            Self::DrawsNothing => (
                "看不到任何图形；请检查填充、描边和不透明度".to_owned(),
                "nothing of it can be seen; look at its fills, strokes and opacities".to_owned(),
            ),
            Self::CoversAll => (
                "整个方格都被填满，看不出图形；请去掉背景".to_owned(),
                "it fills its whole square, so that no shape is left; take its background away"
                    .to_owned(),
            ),
        };
        Text2 { zh, en }
    }

    /// Whether it is only about how large the file is.
    pub fn is_size(&self) -> bool {
        matches!(self, Self::TooLarge { .. })
    }
}
