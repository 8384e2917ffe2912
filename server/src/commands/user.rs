//! `onemap user`: the first administrators have nobody to make them, and one may be locked out.

use std::io::Write as _;

use anyhow::Context as _;
use gis_data::Store;

use crate::args::UserCommand;
use crate::config::Config;
use crate::identity::{Identity, NewGrant, NewUser, UserAction, command_line};

pub(crate) async fn run(config: &Config, command: UserCommand) -> anyhow::Result<()> {
    let identity = Identity::open(Store::connect(&config.database_url).await?).await?;
    let (by, from) = command_line();
    let mut out = std::io::stdout();
    match command {
        UserCommand::Create { login, name, role, org } => {
            let org_id = match org {
                Some(code) => Some(identity.org_of_code(&code).await?),
                None => None,
            };
            let new = NewUser { login, name, org_id };
            let (user_id, first) = identity.create_user(&by, &new, &from).await?;
            let grant = NewGrant { role_id: role, org_id, clearance: 0 };
            identity.grant(&by, user_id, &grant, &from).await?;
            writeln!(out, "{first}")?;
        }
        UserCommand::Reset { login } => {
            let user_id = identity.user_of_login(&login).await?;
            let first =
                identity.act_on_user(&by, user_id, UserAction::ResetPassword, &from).await?;
            writeln!(out, "{}", first.context("a reset draws a password")?)?;
        }
        UserCommand::List => {
            let users = identity.users(None, i64::MAX).await?;
            for user in users["items"].as_array().into_iter().flatten() {
                let roles: Vec<String> = user["grants"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|g| {
                        format!(
                            "{} {}",
                            g["title"]["zh"].as_str().unwrap_or_default(),
                            g["org"]["name"].as_str().unwrap_or("—")
                        )
                    })
                    .collect();
                writeln!(
                    out,
                    "{}\t{}\t{}",
                    user["login"].as_str().unwrap_or_default(),
                    user["name"].as_str().unwrap_or_default(),
                    roles.join("、")
                )?;
            }
        }
    }
    Ok(())
}
