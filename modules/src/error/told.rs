//! Failures in the words of those who see them, in both languages.

use gis_data::Text2;

use super::ModuleError;
use crate::approval::Refusal;
use crate::space::SpaceFault;
use crate::standard::Register;

impl ModuleError {
    /// What to tell a person: the input, the limit, the way out.
    pub fn told(&self) -> Text2 {
        Text2::new(&self.zh(), &self.to_string())
    }

    fn zh(&self) -> String {
        match self {
            Self::UnknownKind(kind) => format!("没有“{kind}”这种单据"),
            Self::UnknownState { state, .. } => format!("没有“{state}”这种状态"),
            Self::Invalid(faults) => format!("有 {} 处填写不符合要求", faults.len()),
            Self::NotFound(id) => format!("没有单据 {id}"),
            Self::NotAllowed(id) => format!("单据 {id} 可以查看，不能操作"),
            Self::RevisionConflict { expected, actual } => {
                format!("单据已被他人更新（第 {expected} 版 → 第 {actual} 版），请刷新后重试")
            }
            Self::ActionNotAllowed { action, state } => {
                format!("“{state}”状态下不能进行“{action}”")
            }
            Self::UnderApproval(id) => format!("单据 {id} 正在审批中，审批结束或撤回后方可操作"),
            Self::NoApproval(id) => format!("没有审批 {id}"),
            Self::Refused(refusal) => refused(refusal),
            Self::NoAccount => "此操作需要本人账号".to_owned(),
            Self::AttachedAlready => "同名同内容的附件已存在".to_owned(),
            Self::BadSheet(what) => format!("表格无法使用：{}", what.zh),
            Self::Nothing(what) => format!("没有 {what}"),
            Self::BadDefinition(faults) => format!("单据定义有误：{}", faults.join("；")),
            Self::UnknownFeature(ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                format!("没有这些地点，或不能在那里登记：{}", ids.join("、"))
            }
            Self::BrokenChain { doc_id, fault } => format!("单据 {doc_id} 的历史不完整：{fault}"),
            Self::Misfit { doc_id, state, .. } => {
                format!("单据 {doc_id} 的状态“{state}”不在定义中")
            }
            Self::Space(fault) => space(fault),
            Self::PeriodClosed { on, through } => format!(
                "台账已结账至 {through}，不能登记自 {on} 起的变更；请改用此后的日期，或请管理员重新开账"
            ),
            Self::NotOverAll => {
                "台账包含您管理范围以外的房间，请由管理全部房间的标准管理人员结账".to_owned()
            }
            Self::LedgerUnsound(rooms) => {
                let rooms: Vec<String> = rooms.iter().take(20).map(ToString::to_string).collect();
                format!("台账核对不平，不能结账；请先核查房间 {}", rooms.join("、"))
            }
            Self::NoStandard { code, level, rank, on } => {
                let words = |term: &str| {
                    Register::shipped().map_or_else(|_| term.to_owned(), |r| r.words(term).zh)
                };
                format!(
                    "{on} 没有适用于{}、{}的标准（{code}），请在标准中心登记后再办理",
                    words(level),
                    words(rank)
                )
            }
            Self::BadRegister(what) => format!("随程序发布的标准有误：{what}"),
            Self::StandardChanged(rows) => {
                format!("有 {} 条标准与发布时不同：{}", rows.len(), rows.join("；"))
            }
            Self::Ground(_) | Self::Query { .. } => {
                "数据库暂时无法完成这次操作，请稍后重试".to_owned()
            }
        }
    }
}

/// What a room would not hold, with the limit and the day.
fn space(fault: &SpaceFault) -> String {
    let m2 = |cm2: i64| format!("{}.{:04}", cm2 / 10_000, cm2 % 10_000);
    match *fault {
        SpaceFault::Full { room, on, over } => {
            format!(
                "房间 {room} 自 {on} 起可用面积不足，超出 {} 平方米；请减少面积或另选房间",
                m2(over)
            )
        }
        SpaceFault::Lacking { room, on, lacking } => {
            format!("房间 {room} 自 {on} 起台账面积比要减去的少 {} 平方米；请核对台账", m2(lacking))
        }
        SpaceFault::Uneven { room, has, parts } => format!(
            "房间 {room} 面积为 {} 平方米，拆分后合计 {} 平方米；两者应相等",
            m2(has),
            m2(parts)
        ),
        SpaceFault::Unsteady { room, on } => {
            format!("房间 {room} 的面积在 {on} 之后还有变更；请改用变更之后的日期")
        }
    }
}

fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Over => "审批已结束".to_owned(),
        Refusal::NoTask(task) => format!("当前环节没有任务 {task}"),
        Refusal::NotYours(task) => format!("任务 {task} 由他人办理"),
        Refusal::OnlySpeaks(task) => format!("任务 {task} 是委派给您的，请表示同意或拒绝"),
        Refusal::NotOpen(task) => format!("任务 {task} 已办结或尚未轮到"),
        Refusal::Asked(_) => "该人员已在本环节中".to_owned(),
        Refusal::Applicant(_) => "申请人不能审批自己的申请".to_owned(),
        Refusal::NotAdded(task) => format!("任务 {task} 不是您加签的"),
        Refusal::NotBefore(step) => format!("只能退回到当前或之前的环节，不能到第 {} 步", step + 1),
        Refusal::NotApplicant => "只有申请人可以撤回".to_owned(),
        Refusal::Nobody => "请选择人员".to_owned(),
        Refusal::NotWaiting => "本环节不需要指定人员".to_owned(),
    }
}
