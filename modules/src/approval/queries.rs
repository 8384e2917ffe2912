//! The SQL of approvals.

use std::collections::BTreeMap;

use gis_data::{Tx, Viewer};
use serde_json::Value as Json;
use sqlx::FromRow;
use time::OffsetDateTime;

use super::store::TaskKey;
use super::{Deed, Outcome, PersonId, Run, TaskState, Turn};
use crate::definition::PlanDefinition;
use crate::document::{DocId, DocRow};
use crate::{ModuleError, Result};

/// An approval under way.
#[derive(Debug, Clone)]
pub(super) struct ApprovalRow {
    pub(super) approval_id: i64,
    pub(super) doc_id: DocId,
    pub(super) definition: PlanDefinition,
    pub(super) run: Run,
    pub(super) chosen: BTreeMap<String, Vec<PersonId>>,
    pub(super) state: String,
}

#[derive(FromRow)]
struct Raw {
    approval_id: i64,
    doc_id: DocId,
    definition: sqlx::types::Json<PlanDefinition>,
    run: sqlx::types::Json<Run>,
    chosen: sqlx::types::Json<BTreeMap<String, Vec<PersonId>>>,
    state: String,
}

impl From<Raw> for ApprovalRow {
    fn from(raw: Raw) -> Self {
        Self {
            approval_id: raw.approval_id,
            doc_id: raw.doc_id,
            definition: raw.definition.0,
            run: raw.run.0,
            chosen: raw.chosen.0,
            state: raw.state,
        }
    }
}

/// A task with the names of people.
#[derive(Debug, Clone, FromRow)]
pub(super) struct TaskRow {
    pub(super) task_id: i32,
    pub(super) step: i32,
    pub(super) owner_id: i64,
    pub(super) owner: String,
    pub(super) holder_id: i64,
    pub(super) holder: String,
    pub(super) state: String,
    pub(super) is_added: bool,
    pub(super) due_at: Option<OffsetDateTime>,
    pub(super) comment: Option<String>,
}

/// A deed with the name of who did it.
#[derive(Debug, Clone, FromRow)]
pub(super) struct DeedRow {
    pub(super) at: OffsetDateTime,
    pub(super) user_id: Option<i64>,
    pub(super) name: Option<String>,
    pub(super) deed: Json,
    pub(super) comment: Option<String>,
}

const COLUMNS: &str = "approval_id, doc_id, definition, run, chosen, state";

/// The document, held until the transaction ends.
pub(super) async fn held_document(tx: &mut Tx, doc_id: DocId) -> Result<DocRow> {
    sqlx::query_as(
        "select doc_id, scope_id, kind, definition_version, number, title, state, body, revision, created_by, org_id,
                created_at, updated_at
         from doc where doc_id = $1 for update",
    )
    .bind(doc_id)
    .fetch_optional(&mut **tx)
    .await
    .map_err(ModuleError::query("hold a document"))?
    .ok_or(ModuleError::NotFound(doc_id))
}

pub(super) async fn person_of(tx: &mut Tx, login: &str) -> Result<Option<PersonId>> {
    let found: Option<i64> = sqlx::query_scalar("select user_id from app_user where login = $1")
        .bind(login)
        .fetch_optional(&mut **tx)
        .await
        .map_err(ModuleError::query("find an account"))?;
    Ok(found.map(PersonId))
}

pub(super) async fn insert(
    tx: &mut Tx,
    doc_id: DocId,
    definition: &PlanDefinition,
    run: &Run,
    chosen: &BTreeMap<String, Vec<PersonId>>,
    applicant: Option<PersonId>,
) -> Result<i64> {
    sqlx::query_scalar(
        "insert into approval (doc_id, plan_name, definition, run, chosen, state, applicant_id)
         values ($1, $2, $3, $4, $5, 'running', $6) returning approval_id",
    )
    .bind(doc_id)
    .bind(&definition.name)
    .bind(stored(definition))
    .bind(sqlx::types::Json(run))
    .bind(sqlx::types::Json(chosen))
    .bind(applicant.map(|p| p.0))
    .fetch_one(&mut **tx)
    .await
    .map_err(ModuleError::query("begin an approval"))
}

/// A plan as its file writes it, so that it can be read again.
fn stored(plan: &PlanDefinition) -> Json {
    let mut json = serde_json::json!(plan);
    if let Some(map) = json.as_object_mut()
        && let Some(Json::Array(mut steps)) = map.remove("steps")
    {
        for (step, definition) in steps.iter_mut().zip(&plan.steps) {
            if let Some(step) = step.as_object_mut() {
                step.insert("hides".to_owned(), serde_json::json!(definition.hides));
            }
        }
        map.insert("step".to_owned(), Json::Array(steps));
    }
    json
}

pub(super) async fn lock(tx: &mut Tx, approval_id: i64) -> Result<Option<ApprovalRow>> {
    let raw: Option<Raw> = sqlx::query_as(&format!(
        "select {COLUMNS} from approval where approval_id = $1 for update"
    ))
    .bind(approval_id)
    .fetch_optional(&mut **tx)
    .await
    .map_err(ModuleError::query("hold an approval"))?;
    Ok(raw.map(Into::into))
}

pub(super) async fn document_of(tx: &mut Tx, approval_id: i64) -> Result<Option<DocId>> {
    sqlx::query_scalar("select doc_id from approval where approval_id = $1")
        .bind(approval_id)
        .fetch_optional(&mut **tx)
        .await
        .map_err(ModuleError::query("find an approval"))
}

/// The last approval of a document.
pub(super) async fn latest(tx: &mut Tx, doc_id: DocId) -> Result<Option<ApprovalRow>> {
    let raw: Option<Raw> = sqlx::query_as(&format!(
        "select {COLUMNS} from approval where doc_id = $1 order by approval_id desc limit 1"
    ))
    .bind(doc_id)
    .fetch_optional(&mut **tx)
    .await
    .map_err(ModuleError::query("read the approval of a document"))?;
    Ok(raw.map(Into::into))
}

/// Stores where a run stands.
pub(super) async fn store(tx: &mut Tx, approval: &ApprovalRow) -> Result<()> {
    let state = match approval.run.turn() {
        Turn::Over(Outcome::Passed) => "passed",
        Turn::Over(Outcome::Refused) => "refused",
        Turn::Over(Outcome::Withdrawn) => "withdrawn",
        Turn::Name(_) => "waiting",
        Turn::Ask(_) | Turn::Decide => "running",
    };
    sqlx::query(
        "update approval set run = $2, state = $3,
                ended_at = case when $3 in ('running', 'waiting') then null else coalesce(ended_at, now()) end
         where approval_id = $1",
    )
    .bind(approval.approval_id)
    .bind(sqlx::types::Json(&approval.run))
    .bind(state)
    .execute(&mut **tx)
    .await
    .map_err(ModuleError::query("store an approval"))?;
    Ok(())
}

pub(super) async fn record(
    tx: &mut Tx,
    approval_id: i64,
    who: Option<PersonId>,
    deed: &Json,
    comment: Option<&str>,
) -> Result<()> {
    sqlx::query(
        "insert into approval_deed (approval_id, seq, at, user_id, deed, comment)
         select $1, coalesce(max(seq), 0) + 1, clock_timestamp(), $2, $3, $4 from approval_deed where approval_id = $1",
    )
    .bind(approval_id)
    .bind(who.map(|p| p.0))
    .bind(deed)
    .bind(comment)
    .execute(&mut **tx)
    .await
    .map_err(ModuleError::query("record a deed"))?;
    Ok(())
}

fn state_name(state: TaskState) -> &'static str {
    match state {
        TaskState::Waiting => "waiting",
        TaskState::Open => "open",
        TaskState::Agreed => "agreed",
        TaskState::Repeated => "repeated",
        TaskState::Refused => "refused",
        TaskState::Dropped => "dropped",
    }
}

/// Brings the rows of tasks to the run: present ones as they are; those of a step that is over end, the one that was decided
/// by its deed and the others without.
pub(super) async fn sync(
    tx: &mut Tx,
    approval: &ApprovalRow,
    deed: Option<(&Deed, Option<&str>)>,
) -> Result<()> {
    let decided = match deed {
        Some((Deed::Agree { task }, comment)) => Some((task.0, "agreed", comment)),
        Some((Deed::Refuse { task }, comment)) => Some((task.0, "refused", comment)),
        _ => None,
    };
    let tasks = approval.run.tasks();
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    if let Some((task, state, comment)) = decided {
        let is_back = tasks.iter().any(|t| t.id.0 == task && t.state == TaskState::Open);
        if !is_back {
            sqlx::query(
                "update approval_task set state = $3, comment = $4, ended_at = now()
                 where approval_id = $1 and task_id = $2 and state in ('open', 'waiting')",
            )
            .bind(approval.approval_id)
            .bind(number(task))
            .bind(state)
            .bind(comment)
            .execute(&mut **tx)
            .await
            .map_err(ModuleError::query("end a task"))?;
        }
    }
    let step = approval.run.step();
    let due_days = approval.definition.steps.get(step).and_then(|s| s.due_days).map(i32::from);
    sqlx::query(
        "insert into approval_task (approval_id, task_id, doc_id, step, owner_id, holder_id, state, is_added, opened_at, due_at, ended_at)
         select $1, n, $2, $3, owner, holder, state, added,
                case when state = 'open' then now() end,
                case when state = 'open' and $4::int is not null then due_after(now(), $4) end,
                case when state in ('open', 'waiting') then null else now() end
         from unnest($5::int[], $6::bigint[], $7::bigint[], $8::text[], $9::bool[]) as t(n, owner, holder, state, added)
         on conflict (approval_id, task_id) do update set
             owner_id = excluded.owner_id, holder_id = excluded.holder_id, state = excluded.state,
             opened_at = coalesce(approval_task.opened_at, excluded.opened_at),
             due_at = coalesce(approval_task.due_at, excluded.due_at),
             ended_at = coalesce(approval_task.ended_at, excluded.ended_at)
         where (approval_task.owner_id, approval_task.holder_id, approval_task.state)
             is distinct from (excluded.owner_id, excluded.holder_id, excluded.state)",
    )
    .bind(approval.approval_id)
    .bind(approval.doc_id)
    .bind(i32::try_from(step).unwrap_or(i32::MAX))
    .bind(due_days)
    .bind(tasks.iter().map(|t| number(t.id.0)).collect::<Vec<_>>())
    .bind(tasks.iter().map(|t| t.owner.0).collect::<Vec<_>>())
    .bind(tasks.iter().map(|t| t.holder.0).collect::<Vec<_>>())
    .bind(tasks.iter().map(|t| state_name(t.state)).collect::<Vec<_>>())
    .bind(tasks.iter().map(|t| t.added_by.is_some()).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(ModuleError::query("write tasks"))?;
    sqlx::query(
        "update approval_task set state = 'dropped', ended_at = now()
         where approval_id = $1 and state in ('open', 'waiting') and not task_id = any($2)",
    )
    .bind(approval.approval_id)
    .bind(tasks.iter().map(|t| number(t.id.0)).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(ModuleError::query("end the tasks of a step"))?;
    Ok(())
}

pub(super) async fn copy(
    tx: &mut Tx,
    approval_id: i64,
    doc_id: DocId,
    people: &[i64],
) -> Result<()> {
    sqlx::query(
        "insert into approval_copy (approval_id, user_id, doc_id)
         select $1, user_id, $2 from app_user where user_id = any($3) and disabled_at is null on conflict do nothing",
    )
    .bind(approval_id)
    .bind(doc_id)
    .bind(people)
    .execute(&mut **tx)
    .await
    .map_err(ModuleError::query("send copies"))?;
    Ok(())
}

pub(super) async fn tasks(tx: &mut Tx, approval_id: i64) -> Result<Vec<TaskRow>> {
    sqlx::query_as(
        "select t.task_id, t.step, t.owner_id, o.name as owner, t.holder_id, h.name as holder, t.state, t.is_added,
                t.due_at, t.comment
         from approval_task t join app_user o on o.user_id = t.owner_id join app_user h on h.user_id = t.holder_id
         where t.approval_id = $1 order by t.task_id",
    )
    .bind(approval_id)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("read tasks"))
}

pub(super) async fn deeds(tx: &mut Tx, approval_id: i64) -> Result<Vec<DeedRow>> {
    sqlx::query_as(
        "select d.at, d.user_id, u.name, d.deed, d.comment from approval_deed d left join app_user u using (user_id)
         where d.approval_id = $1 order by d.seq",
    )
    .bind(approval_id)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("read deeds"))
}

/// The organisation that a document is about, else the one that manages its first place.
const ORG_OF_DOCUMENT: &str = "select coalesce(d.org_id, s.managing_orgs[1], s.using_orgs[1])
    from doc d join scope s using (scope_id) where d.doc_id = $1";

/// Those with a role over the organisation, granted at the nearest organisation above it.
pub(super) async fn with_role(tx: &mut Tx, doc_id: DocId, role: &str) -> Result<Vec<PersonId>> {
    people(
        &format!(
            "with found as (
                 select g.user_id, nlevel(top.path) as depth from role_grant g
                 join org top on top.org_id = g.org_id join org o on o.path <@ top.path
                 join app_user u on u.user_id = g.user_id and u.disabled_at is null
                 where g.revoked_at is null and g.role_id = $2 and o.org_id = ({ORG_OF_DOCUMENT}))
             select user_id from found where depth = (select max(depth) from found) group by user_id order by user_id"
        ),
        tx,
        doc_id,
        role.to_owned(),
    )
    .await
}

/// The head of the organisation, or of the one so many levels above.
pub(super) async fn head(tx: &mut Tx, doc_id: DocId, levels: u8) -> Result<Vec<PersonId>> {
    people(
        &format!(
            "select u.user_id from org o join org top on top.path @> o.path and nlevel(top.path) = nlevel(o.path) - $2
             join app_user u on u.user_id = top.head_user_id and u.disabled_at is null
             where o.org_id = ({ORG_OF_DOCUMENT})"
        ),
        tx,
        doc_id,
        i32::from(levels),
    )
    .await
}

pub(super) async fn in_field(tx: &mut Tx, doc_id: DocId, field: &str) -> Result<Vec<PersonId>> {
    people(
        "select u.user_id from doc d join app_user u on u.user_id = (d.body ->> $2)::bigint and u.disabled_at is null
         where d.doc_id = $1",
        tx,
        doc_id,
        field.to_owned(),
    )
    .await
}

async fn people<'q, V>(sql: &str, tx: &mut Tx, doc_id: DocId, value: V) -> Result<Vec<PersonId>>
where
    V: sqlx::Encode<'q, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + 'q,
{
    let sql = sql.to_owned();
    let mut arguments = sqlx::postgres::PgArguments::default();
    let failed = |e: sqlx::error::BoxDynError| {
        ModuleError::query("find whom to ask")(sqlx::Error::Encode(e))
    };
    sqlx::Arguments::add(&mut arguments, doc_id).map_err(failed)?;
    sqlx::Arguments::add(&mut arguments, value).map_err(failed)?;
    let ids: Vec<i64> = sqlx::query_scalar_with(&sql, arguments)
        .fetch_all(&mut **tx)
        .await
        .map_err(ModuleError::query("find whom to ask"))?;
    Ok(ids.into_iter().map(PersonId).collect())
}

pub(super) async fn existing(tx: &mut Tx, people: &[PersonId]) -> Result<Vec<PersonId>> {
    let asked: Vec<i64> = people.iter().map(|p| p.0).collect();
    let found: Vec<i64> = sqlx::query_scalar(
        "select user_id from app_user where user_id = any($1) and disabled_at is null",
    )
    .bind(&asked)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("find whom the applicant has chosen"))?;
    Ok(people.iter().copied().filter(|p| found.contains(&p.0)).collect())
}

pub(super) async fn with_logins(tx: &mut Tx, logins: &[String]) -> Result<Vec<PersonId>> {
    let found: Vec<i64> = sqlx::query_scalar(
        "select user_id from unnest($1::text[]) with ordinality as l(login, n) join app_user using (login)
         where disabled_at is null order by n",
    )
    .bind(logins)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("find accounts"))?;
    Ok(found.into_iter().map(PersonId).collect())
}

pub(super) async fn heads_above(tx: &mut Tx, person: PersonId) -> Result<Vec<PersonId>> {
    let found: Vec<i64> = sqlx::query_scalar(
        "select top.head_user_id from app_user u join org o on o.org_id = u.org_id
         join org top on top.path @> o.path and top.head_user_id is not null and top.head_user_id <> u.user_id
         where u.user_id = $1 order by nlevel(top.path) desc limit 1",
    )
    .bind(person.0)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("find the head above somebody"))?;
    Ok(found.into_iter().map(PersonId).collect())
}

/// A task whose deadline has passed and of which nobody was reminded.
pub(super) async fn next_due(tx: &mut Tx) -> Result<Option<(TaskKey, DocId)>> {
    let found: Option<(i64, i32, DocId)> = sqlx::query_as(
        "select approval_id, task_id, doc_id from approval_task
         where state = 'open' and due_at < now() and reminded_at is null
         order by due_at limit 1 for update skip locked",
    )
    .fetch_optional(&mut **tx)
    .await
    .map_err(ModuleError::query("look for deadlines"))?;
    Ok(found.map(|(approval_id, task_id, doc_id)| {
        (TaskKey { approval_id, task_id: u32::try_from(task_id).unwrap_or(0) }, doc_id)
    }))
}

pub(super) async fn reminded(tx: &mut Tx, key: TaskKey) -> Result<()> {
    sqlx::query(
        "update approval_task set reminded_at = now() where approval_id = $1 and task_id = $2",
    )
    .bind(key.approval_id)
    .bind(i32::try_from(key.task_id).unwrap_or(i32::MAX))
    .execute(&mut **tx)
    .await
    .map_err(ModuleError::query("note a reminder"))?;
    Ok(())
}

/// A line of an inbox.
#[derive(Debug, Clone, FromRow)]
pub(super) struct InboxRow {
    pub(super) approval_id: i64,
    pub(super) task_id: Option<i32>,
    pub(super) doc_id: DocId,
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) number: Option<String>,
    pub(super) scope_id: gis_data::ScopeId,
    pub(super) definition: sqlx::types::Json<PlanDefinition>,
    pub(super) step: i32,
    pub(super) applicant_id: Option<i64>,
    pub(super) applicant: Option<String>,
    pub(super) opened_at: Option<OffsetDateTime>,
    pub(super) due_at: Option<OffsetDateTime>,
    pub(super) is_overdue: bool,
    pub(super) state: String,
    pub(super) total: i64,
    pub(super) overdue: i64,
}

/// Which lines of an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Inbox {
    /// 待办: I have to decide.
    Open,
    /// 已办: I have decided.
    Done,
    /// 我发起的: I have asked.
    Mine,
    /// 抄送我的: I was told.
    Copies,
}

pub(super) async fn inbox(
    tx: &mut Tx,
    viewer: &Viewer,
    person: PersonId,
    which: Inbox,
    limit: i64,
) -> Result<Vec<InboxRow>> {
    let (source, order) = match which {
        Inbox::Open => (
            "select t.approval_id, t.task_id, t.step, t.opened_at, t.due_at, t.state from approval_task t
             where t.holder_id = $2 and t.state = 'open'",
            "due_at nulls last, opened_at",
        ),
        Inbox::Done => (
            "select t.approval_id, t.task_id, t.step, t.opened_at, t.due_at, t.state from approval_task t
             where t.holder_id = $2 and t.state in ('agreed', 'refused', 'repeated')",
            "opened_at desc nulls last",
        ),
        Inbox::Mine => (
            "select a.approval_id, null::int as task_id, coalesce((a.run ->> 'at')::int, 0) as step, a.began_at as opened_at,
                    null::timestamptz as due_at, a.state from approval a where a.applicant_id = $2",
            "opened_at desc",
        ),
        Inbox::Copies => (
            "select c.approval_id, null::int as task_id, 0 as step, c.at as opened_at, null::timestamptz as due_at,
                    (select a.state from approval a where a.approval_id = c.approval_id) as state
             from approval_copy c where c.user_id = $2",
            "opened_at desc",
        ),
    };
    let sql = format!(
        "select t.approval_id, t.task_id, a.doc_id, d.kind, d.title, d.number, d.scope_id, a.definition, t.step, a.applicant_id,
                u.name as applicant, t.opened_at, t.due_at,
                (t.state = 'open' and coalesce(t.due_at < now(), false)) as is_overdue, t.state,
                count(*) over () as total,
                count(*) filter (where t.state = 'open' and t.due_at < now()) over () as overdue
         from ({source}) t
         cross join lateral (select * from approval a where a.approval_id = t.approval_id offset 0) a
         join doc d on d.doc_id = a.doc_id
         left join app_user u on u.user_id = a.applicant_id
         where $1::int[] is null or d.scope_id = any($1)
         order by {order}, approval_id desc limit $3"
    );
    sqlx::query_as(&sql)
        .bind(viewer.scope_array())
        .bind(person.0)
        .bind(limit)
        .fetch_all(&mut **tx)
        .await
        .map_err(ModuleError::query("read an inbox"))
}

/// Accounts whose name or login has this in it, with their organisations.
pub(super) async fn people_like(
    tx: &mut Tx,
    q: &str,
    limit: i64,
) -> Result<Vec<(i64, String, Option<String>)>> {
    sqlx::query_as(
        "select u.user_id, u.name, o.name from app_user u left join org o using (org_id)
         where u.disabled_at is null and (u.name ilike $1 or u.login ilike $1)
         order by u.name, u.user_id limit $2",
    )
    .bind(format!(
        "%{}%",
        q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_").replace('\0', "")
    ))
    .bind(limit)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("find people"))
}
