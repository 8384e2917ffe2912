//! Approvals as people know them, and random ones against what must always hold.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const APPLICANT: PersonId = PersonId(0);
const A: PersonId = PersonId(1);
const B: PersonId = PersonId(2);
const C: PersonId = PersonId(3);

fn plan(modes: &[Mode]) -> Plan {
    let steps = modes.iter().enumerate().map(|(n, mode)| StepPlan {
        name: format!("step {n}"),
        mode: *mode,
        on_empty: OnEmpty::Wait,
    });
    Plan { steps: steps.collect(), own_request: OwnRequest::Skip, skips_repeated: true }
}

/// A run whose first step has asked these people.
fn begun(plan: &Plan, people: &[PersonId]) -> Run {
    let mut run = Run::new(APPLICANT);
    assert_eq!(run.turn(), Turn::Ask(0));
    run.ask(plan, people).unwrap();
    run
}

fn states(run: &Run) -> Vec<TaskState> {
    run.tasks().iter().map(|t| t.state).collect()
}

fn agree(task: u32) -> Deed {
    Deed::Agree { task: TaskId(task) }
}

fn refuse(task: u32) -> Deed {
    Deed::Refuse { task: TaskId(task) }
}

#[test]
fn all_need_everybody_and_one_refusal_ends_it() {
    let plan = plan(&[Mode::All]);
    let mut run = begun(&plan, &[A, B]);
    run.act(&plan, A, &agree(1)).unwrap();
    assert_eq!(run.turn(), Turn::Decide);
    assert_eq!(run.act(&plan, A, &agree(2)), Err(Refusal::NotYours(TaskId(2))));
    assert_eq!(run.act(&plan, A, &agree(1)), Err(Refusal::NotOpen(TaskId(1))));
    let mut other = run.clone();
    run.act(&plan, B, &agree(2)).unwrap();
    assert_eq!(run.turn(), Turn::Over(Outcome::Passed));
    assert_eq!(run.act(&plan, B, &agree(2)), Err(Refusal::Over));
    other.act(&plan, B, &refuse(2)).unwrap();
    assert_eq!(other.turn(), Turn::Over(Outcome::Refused));
}

#[test]
fn of_any_the_first_decides() {
    let plan = plan(&[Mode::Any]);
    let mut run = begun(&plan, &[A, B, C]);
    run.act(&plan, B, &agree(2)).unwrap();
    assert_eq!(run.turn(), Turn::Over(Outcome::Passed));
    assert_eq!(states(&run), [TaskState::Dropped, TaskState::Agreed, TaskState::Dropped]);
    let mut run = begun(&plan, &[A, B]);
    run.act(&plan, A, &refuse(1)).unwrap();
    assert_eq!(run.turn(), Turn::Over(Outcome::Refused));
}

#[test]
fn a_ratio_is_decided_when_it_cannot_change_any_more() {
    let plan = plan(&[Mode::Ratio(60)]);
    let people = [A, B, C, PersonId(4), PersonId(5)];
    let mut run = begun(&plan, &people);
    run.act(&plan, A, &agree(1)).unwrap();
    run.act(&plan, B, &refuse(2)).unwrap();
    run.act(&plan, C, &refuse(3)).unwrap();
    assert_eq!(run.turn(), Turn::Decide, "three of five can still agree");
    let mut refused = run.clone();
    refused.act(&plan, PersonId(4), &refuse(4)).unwrap();
    assert_eq!(refused.turn(), Turn::Over(Outcome::Refused));
    run.act(&plan, PersonId(4), &agree(4)).unwrap();
    run.act(&plan, PersonId(5), &agree(5)).unwrap();
    assert_eq!(run.turn(), Turn::Over(Outcome::Passed));
}

#[test]
fn in_a_sequence_one_waits_for_the_other() {
    let plan = plan(&[Mode::Sequence]);
    let mut run = begun(&plan, &[A, B]);
    assert_eq!(states(&run), [TaskState::Open, TaskState::Waiting]);
    assert_eq!(run.act(&plan, B, &agree(2)), Err(Refusal::NotOpen(TaskId(2))));
    run.act(&plan, A, &agree(1)).unwrap();
    assert_eq!(states(&run), [TaskState::Agreed, TaskState::Open]);
}

#[test]
fn nobody_decides_a_request_of_ones_own_and_nobody_is_asked_twice() {
    let plan = plan(&[Mode::All, Mode::Any]);
    let mut run = begun(&plan, &[APPLICANT, A, A]);
    assert_eq!(run.tasks().len(), 1, "the applicant is left out, and one person is asked once");
    let to_applicant = Deed::Transfer { task: TaskId(1), to: APPLICANT };
    assert_eq!(run.act(&plan, A, &to_applicant), Err(Refusal::Applicant(APPLICANT)));
    run.act(&plan, A, &agree(1)).unwrap();
    assert_eq!(run.turn(), Turn::Ask(1));
    run.ask(&plan, &[APPLICANT]).unwrap();
    assert_eq!(run.turn(), Turn::Name(1), "nobody is left: somebody has to be named");
    run.ask(&plan, &[A, B]).unwrap();
    assert_eq!(run.turn(), Turn::Over(Outcome::Passed), "A has agreed before");
    assert_eq!(states(&run), [TaskState::Repeated, TaskState::Dropped]);
}

#[test]
fn a_delegate_speaks_and_the_owner_decides() {
    let plan = plan(&[Mode::All]);
    let mut run = begun(&plan, &[A, B]);
    let ask_b = Deed::Delegate { task: TaskId(1), to: B };
    assert_eq!(run.act(&plan, A, &ask_b), Err(Refusal::Asked(B)));
    run.act(&plan, A, &Deed::Delegate { task: TaskId(1), to: C }).unwrap();
    assert_eq!(run.act(&plan, A, &agree(1)), Err(Refusal::NotYours(TaskId(1))));
    let on = Deed::Transfer { task: TaskId(1), to: PersonId(4) };
    assert_eq!(run.act(&plan, C, &on), Err(Refusal::OnlySpeaks(TaskId(1))));
    run.act(&plan, C, &agree(1)).unwrap();
    assert_eq!((run.tasks()[0].holder, run.tasks()[0].state), (A, TaskState::Open));
    run.act(&plan, A, &Deed::Transfer { task: TaskId(1), to: C }).unwrap();
    run.act(&plan, C, &agree(1)).unwrap();
    run.act(&plan, B, &agree(2)).unwrap();
    assert_eq!(run.turn(), Turn::Over(Outcome::Passed));
}

#[test]
fn people_are_added_and_removed_by_who_added_them() {
    let plan = plan(&[Mode::All]);
    let mut run = begun(&plan, &[A, B]);
    run.act(&plan, A, &Deed::Add { task: TaskId(1), people: vec![C] }).unwrap();
    run.act(&plan, A, &agree(1)).unwrap();
    run.act(&plan, B, &agree(2)).unwrap();
    assert_eq!(run.turn(), Turn::Decide, "the one who was added is asked too");
    let removed_by_c = Deed::Remove { task: TaskId(3), removed: TaskId(3) };
    assert_eq!(run.act(&plan, C, &removed_by_c), Err(Refusal::NotAdded(TaskId(3))));

    let mut run = begun(&plan, &[A, B]);
    run.act(&plan, B, &agree(2)).unwrap();
    run.act(&plan, A, &Deed::Add { task: TaskId(1), people: vec![C] }).unwrap();
    run.act(&plan, A, &Deed::Remove { task: TaskId(1), removed: TaskId(3) }).unwrap();
    run.act(&plan, A, &agree(1)).unwrap();
    assert_eq!(run.turn(), Turn::Over(Outcome::Passed));
}

#[test]
fn a_return_begins_an_earlier_step_anew_and_what_was_agreed_to_there_is_forgotten() {
    let plan = plan(&[Mode::All, Mode::All, Mode::All]);
    let mut run = begun(&plan, &[A]);
    run.act(&plan, A, &agree(1)).unwrap();
    run.ask(&plan, &[B]).unwrap();
    let ahead = Deed::Return { task: TaskId(2), to: 2 };
    assert_eq!(run.act(&plan, B, &ahead), Err(Refusal::NotBefore(2)));
    run.act(&plan, B, &Deed::Return { task: TaskId(2), to: 0 }).unwrap();
    assert_eq!(run.turn(), Turn::Ask(0));
    run.ask(&plan, &[A]).unwrap();
    assert_eq!(states(&run), [TaskState::Open], "A is asked again");
    assert_eq!(run.act(&plan, A, &Deed::Withdraw), Err(Refusal::NotApplicant));
    run.act(&plan, APPLICANT, &Deed::Withdraw).unwrap();
    assert_eq!(run.turn(), Turn::Over(Outcome::Withdrawn));
    assert_eq!(states(&run), [TaskState::Dropped]);
}

#[test]
fn every_fault_of_a_plan_is_found() {
    let mut bad = plan(&[Mode::Ratio(0), Mode::Ratio(101)]);
    bad.steps[1].name = bad.steps[0].name.clone();
    let name = bad.steps[0].name.clone();
    assert_eq!(
        bad.faults(),
        [
            PlanFault::BadRatio(name.clone(), 0),
            PlanFault::SameName(name.clone()),
            PlanFault::BadRatio(name, 101)
        ]
    );
    assert_eq!(plan(&[]).faults(), [PlanFault::NoStep]);
}

fn modes() -> impl Strategy<Value = Mode> {
    prop_oneof![
        Just(Mode::All),
        Just(Mode::Any),
        Just(Mode::Sequence),
        (1..=100_u8).prop_map(Mode::Ratio)
    ]
}

/// Who, and what; tasks are cut to those there are.
fn deeds() -> impl Strategy<Value = (i64, Deed)> {
    let (task, person) = (0..8_u32, (0..6_i64).prop_map(PersonId));
    let id = task.prop_map(TaskId);
    let deed = prop_oneof![
        6 => id.clone().prop_map(|task| Deed::Agree { task }),
        2 => id.clone().prop_map(|task| Deed::Refuse { task }),
        2 => (id.clone(), person.clone()).prop_map(|(task, to)| Deed::Transfer { task, to }),
        2 => (id.clone(), person.clone()).prop_map(|(task, to)| Deed::Delegate { task, to }),
        2 => (id.clone(), vec(person, 0..3)).prop_map(|(task, people)| Deed::Add { task, people }),
        1 => (id.clone(), id.clone()).prop_map(|(task, removed)| Deed::Remove { task, removed }),
        1 => (id, 0..4_usize).prop_map(|(task, to)| Deed::Return { task, to }),
    ];
    (0..6_i64, deed)
}

/// The same deed about a task that is really there.
fn aimed(run: &Run, deed: Deed) -> Deed {
    let there = |TaskId(n): TaskId| {
        let tasks = run.tasks();
        let at = usize::try_from(n).unwrap() % tasks.len().max(1);
        tasks.get(at).map_or(TaskId(n), |task| task.id)
    };
    match deed {
        Deed::Agree { task } => Deed::Agree { task: there(task) },
        Deed::Refuse { task } => Deed::Refuse { task: there(task) },
        Deed::Transfer { task, to } => Deed::Transfer { task: there(task), to },
        Deed::Delegate { task, to } => Deed::Delegate { task: there(task), to },
        Deed::Add { task, people } => Deed::Add { task: there(task), people },
        Deed::Remove { task, removed } => {
            Deed::Remove { task: there(task), removed: there(removed) }
        }
        Deed::Return { task, to } => Deed::Return { task: there(task), to },
        Deed::Withdraw => Deed::Withdraw,
    }
}

fn holds(run: &Run, plan: &Plan) -> Result<(), TestCaseError> {
    let open = run.tasks().iter().filter(|t| t.state == TaskState::Open).count();
    match run.turn() {
        Turn::Over(_) => prop_assert!(run.tasks().iter().all(|t| !t.state.is_pending())),
        Turn::Decide => prop_assert!(open > 0, "somebody can decide: {:?}", run),
        Turn::Ask(_) | Turn::Name(_) => prop_assert!(run.tasks().is_empty()),
    }
    if let (Turn::Decide, Some(step)) = (run.turn(), plan.steps.get(run.step()))
        && step.mode == Mode::Sequence
    {
        prop_assert_eq!(open, 1);
    }
    for (n, task) in run.tasks().iter().enumerate() {
        let asked = task.state != TaskState::Dropped;
        prop_assert!(task.owner != APPLICANT && task.holder != APPLICANT);
        let again =
            run.tasks().iter().skip(n + 1).any(|other| {
                asked && other.state != TaskState::Dropped && other.owner == task.owner
            });
        prop_assert!(!again, "one person, one task");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_deeds_leave_a_run_that_holds(
        modes in vec(modes(), 1..4),
        skips_repeated: bool,
        asked in vec(vec((0..6_i64).prop_map(PersonId), 0..5), 1..6),
        deeds in vec(deeds(), 0..60),
    ) {
        let mut plan = plan(&modes);
        plan.skips_repeated = skips_repeated;
        let mut run = Run::new(APPLICANT);
        let mut people = asked.iter().cycle();
        for (who, deed) in deeds {
            if let Turn::Ask(_) | Turn::Name(_) = run.turn() {
                run.ask(&plan, people.next().unwrap()).unwrap();
                holds(&run, &plan)?;
                continue;
            }
            let deed = aimed(&run, deed);
            // Mostly by who has the task, so that something happens.
            let holder = match &deed {
                Deed::Agree { task } | Deed::Refuse { task } | Deed::Add { task, .. } if who > 0 => {
                    run.tasks().iter().find(|t| t.id == *task).map(|t| t.holder)
                }
                _ => None,
            };
            let before = run.clone();
            let done = run.act(&plan, holder.unwrap_or(PersonId(who)), &deed).is_ok();
            prop_assert_eq!(done, before != run, "all of a deed or nothing: {:?}", deed);
            holds(&run, &plan)?;
        }
        // Whoever goes on agreeing comes to an end.
        for _ in 0..200 {
            match run.turn() {
                Turn::Over(outcome) => {
                    prop_assert!(outcome != Outcome::Withdrawn);
                    return Ok(());
                }
                Turn::Ask(_) | Turn::Name(_) => run.ask(&plan, &[A, B]).unwrap(),
                Turn::Decide => {
                    let open = run.tasks().iter().find(|t| t.state == TaskState::Open).unwrap().clone();
                    run.act(&plan, open.holder, &Deed::Agree { task: open.id }).unwrap();
                }
            }
            holds(&run, &plan)?;
        }
        prop_assert!(false, "no end: {:?}", run);
    }
}
