//! Fictional repair tickets for a demonstration, made and walked through the same door as real ones.

use gis_data::Viewer;
use serde_json::json;

use crate::{ActRequest, DemoPlaces, Document, Engine, Filter, NewDocument, Result};

const KIND: &str = "repair";

/// How far a ticket of the demonstration has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reached {
    Open,
    Assigned,
    Closed,
    Reopened,
}

use Reached::{Assigned, Closed, Open, Reopened};

/// Title, category, description, urgency, how far it has come.
const TICKETS: &[(&str, &str, &str, &str, Reached)] = &[
    ("洗手间水龙头漏水", "水", "关紧后仍滴水，台面下有积水", "normal", Open),
    ("空调不制冷", "空调", "开机半小时室温仍为 30 ℃", "normal", Assigned),
    ("走廊照明不亮", "电", "东侧三盏灯不亮", "normal", Closed),
    ("窗户关不严", "门窗", "窗扇变形，雨天进水", "normal", Open),
    ("网络断断续续", "网络", "视频会议每隔几分钟掉线", "urgent", Assigned),
    ("插座冒火花", "电", "插拔时有火花和焦味，已断电", "urgent", Assigned),
    ("会议桌桌腿松动", "其他", "会议桌一条桌腿松动，摇晃", "normal", Closed),
    ("暖气片漏水", "水", "接口处渗水，已用水桶接住", "urgent", Open),
    ("门锁打不开", "门窗", "钥匙拧不动，锁芯卡住", "normal", Reopened),
    ("空调漏水", "空调", "内机滴水，地毯已湿", "normal", Closed),
    ("电话无拨号音", "网络", "更换话机后仍无声", "normal", Open),
    ("饮水机跳闸", "电", "加热几分钟后跳闸", "normal", Assigned),
    ("下水道返味", "水", "地漏有异味，早晨明显", "normal", Closed),
    ("玻璃有裂纹", "门窗", "外窗玻璃有一道裂纹", "urgent", Assigned),
    ("投影幕布卡住", "其他", "电动幕布降下后不能收起", "normal", Open),
    ("空调噪声大", "空调", "外机震动，影响办公", "normal", Open),
    ("网口无信号", "网络", "靠窗两个网口不通", "normal", Closed),
    ("应急灯不亮", "电", "断电测试时两盏应急灯不亮", "urgent", Reopened),
    ("马桶冲水无力", "水", "水箱进水慢，冲不干净", "normal", Closed),
    ("门禁刷卡无反应", "门窗", "读卡器灯不亮", "normal", Assigned),
    ("吊顶板松脱", "其他", "吊顶一块矿棉板下垂，有坠落危险", "urgent", Open),
    ("电梯厅灯闪烁", "电", "灯管闪烁", "normal", Closed),
    ("无线网覆盖弱", "网络", "会议室内侧信号只有一格", "normal", Open),
    ("空调遥控器失灵", "空调", "换电池后仍无反应", "normal", Closed),
];

/// Puts two dozen fictional tickets on the given rooms, in every state; answers how many. Where any ticket is on file
/// already, it does nothing.
pub(super) async fn seed(engine: &Engine, places: &DemoPlaces) -> Result<usize> {
    let viewer = Viewer::program();
    let filter = Filter { kind: Some(KIND.to_owned()), limit: Some(1), ..Filter::default() };
    let rooms = &places.rooms;
    if rooms.is_empty() || engine.list(&viewer, &filter).await?.total > 0 {
        return Ok(0);
    }
    let spread = rooms.iter().cycle().step_by(stride(rooms.len()));
    for (&place, ticket) in spread.zip(TICKETS) {
        let &(title, category, description, urgency, reached) = ticket;
        let new = NewDocument {
            kind: KIND.to_owned(),
            title: Some(title.to_owned()),
            body: json!({
                "category": category,
                "description": format!("{description}。示例数据（虚构）"),
                "urgency": urgency,
            }),
            feature_ids: vec![place],
            ..NewDocument::default()
        };
        walk(engine, &viewer, engine.create(&viewer, new).await?, category, reached).await?;
    }
    Ok(TICKETS.len())
}

async fn walk(
    engine: &Engine,
    viewer: &Viewer,
    mut ticket: Document,
    category: &str,
    reached: Reached,
) -> Result<()> {
    let assign = ("assign", json!({"assignee": format!("{category}维修班（示例）")}));
    let close = ("close", json!({"note": "已修复，现场试用正常（示例）"}));
    let reopen = ("reopen", json!({"note": "又出现同样的故障（示例）"}));
    let steps = match reached {
        Open => vec![],
        Assigned => vec![assign],
        Closed => vec![assign, close],
        Reopened => vec![assign, close, reopen],
    };
    for (action, patch) in steps {
        let request = ActRequest { revision: ticket.revision, patch, ..ActRequest::default() };
        ticket = engine.act(viewer, ticket.doc_id, action, request).await?;
    }
    Ok(())
}

/// Spreads the tickets over the whole list of places, one place each where there are enough.
fn stride(place_count: usize) -> usize {
    (place_count / TICKETS.len()).max(1)
}
