//! Every path of the program in one table, with who may call it. A route cannot be added without a rule.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use gis_data::Permission::{
    ManageRights, ManageTerminals, ManageUsers, ReadAudit, Record, Track, Unmask,
};

use super::{
    account, audit, documents, features, health, layers, live, oidc, orgs, overview, search,
    session, standards, styles, terminals, tiles, users, vehicles,
};
use crate::guard::Rule::{self, Any, Newcomer, Public, SignedIn};
use crate::metrics;
use crate::openapi::{self, Body, Query};
use crate::state::AppState;

/// One method of one path.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) rule: Rule,
    /// What it does, in one line.
    pub(crate) summary: &'static str,
    pub(crate) query: &'static [Query],
    pub(crate) body: Option<Body>,
    /// Stays open for weeks: neither time limit nor compression.
    pub(crate) is_stream: bool,
    pub(crate) handler: MethodRouter<AppState>,
}

impl Route {
    fn query(mut self, query: &'static [Query]) -> Self {
        self.query = query;
        self
    }

    fn body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    fn stream(mut self) -> Self {
        self.is_stream = true;
        self
    }
}

fn route<H: Handler<T, AppState>, T: 'static>(
    method: Method,
    filter: MethodFilter,
    (path, rule, summary): (&'static str, Rule, &'static str),
    handler: H,
) -> Route {
    let handler = on(filter, handler);
    Route { method, path, rule, summary, query: &[], body: None, is_stream: false, handler }
}

fn get<H: Handler<T, AppState>, T: 'static>(
    path: &'static str,
    rule: Rule,
    summary: &'static str,
    handler: H,
) -> Route {
    route(Method::GET, MethodFilter::GET, (path, rule, summary), handler)
}

fn post<H: Handler<T, AppState>, T: 'static>(
    path: &'static str,
    rule: Rule,
    summary: &'static str,
    handler: H,
) -> Route {
    route(Method::POST, MethodFilter::POST, (path, rule, summary), handler)
}

fn delete<H: Handler<T, AppState>, T: 'static>(
    path: &'static str,
    rule: Rule,
    summary: &'static str,
    handler: H,
) -> Route {
    route(Method::DELETE, MethodFilter::DELETE, (path, rule, summary), handler)
}

/// All of them.
pub(crate) fn table() -> Vec<Route> {
    let mut all = places();
    all.extend(identity());
    all
}

fn places() -> Vec<Route> {
    use Query::{Integer, Text, Time};
    vec![
        get("/healthz", Public, "Alive", health::get_healthz),
        get("/readyz", Public, "Ready to answer", health::get_readyz),
        get("/metrics", Any(&[ManageUsers]), "Prometheus figures", metrics::get_metrics),
        get("/api/v1/openapi.json", SignedIn, "This document", openapi::get_openapi),
        get("/tiles/{layers}", SignedIn, "TileJSON of layers", tiles::get_tilejson),
        get("/tiles/{layers}/{z}/{x}/{y}", SignedIn, "A vector tile of layers", tiles::get_tile),
        get("/styles/{name}", SignedIn, "A map style", styles::get_style).query(&[Text("lang")]),
        get("/api/v1/layers", SignedIn, "The layer catalogue", layers::list_layers),
        get("/api/v1/features/{id}", SignedIn, "A place", features::get_feature),
        get(
            "/api/v1/features/{id}/children",
            SignedIn,
            "What lies in a place",
            features::list_children,
        )
        .query(&[Text("kind")]),
        get(
            "/api/v1/features/{id}/records",
            SignedIn,
            "Records of a place",
            features::list_records,
        ),
        get(
            "/api/v1/search",
            SignedIn,
            "Search by name, plate, number, pinyin",
            search::search_features,
        )
        .query(&[Text("q"), Integer("limit")]),
        get("/api/v1/vehicles", SignedIn, "Vehicles", vehicles::list_vehicles).query(&[
            Text("q"),
            Text("status"),
            Integer("limit"),
        ]),
        get("/api/v1/vehicles/{id}", SignedIn, "A vehicle", vehicles::get_vehicle),
        get(
            "/api/v1/vehicles/{id}/track",
            Any(&[Track]),
            "Where a vehicle was",
            vehicles::get_track,
        )
        .query(&[Time("from"), Time("to")]),
        get("/api/v1/overview", SignedIn, "Figures of the big screen", overview::get_overview),
        get("/api/v1/orgs", SignedIn, "Organisations", orgs::list_orgs),
        get("/api/v1/standards", SignedIn, "Standards that rules go by", standards::list_standards)
            .query(&[Text("at")]),
        get("/api/v1/documents", SignedIn, "Documents", documents::list_documents).query(&[
            Text("kind"),
            Text("state"),
            Integer("feature"),
            Integer("limit"),
        ]),
        post(
            "/api/v1/documents",
            Any(&[Record]),
            "Put a document on file",
            documents::create_document,
        )
        .body(Body::Document),
        get("/api/v1/documents/{id}", SignedIn, "A document", documents::get_document),
        post(
            "/api/v1/documents/{id}/actions/{action}",
            Any(&[Record]),
            "Act on a document",
            documents::act_on_document,
        )
        .body(Body::Act),
        get("/api/v1/live", SignedIn, "The live stream (WebSocket)", live::get_live).stream(),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn identity() -> Vec<Route> {
    use Query::{Integer, Text};
    const PEOPLE: Rule = Any(&[ManageUsers, ManageRights]);
    const USERS: Rule = Any(&[ManageUsers]);
    const RIGHTS: Rule = Any(&[ManageRights]);
    const TERMINALS: Rule = Any(&[ManageTerminals]);
    const AUDIT: Rule = Any(&[ReadAudit]);
    const UNMASK: Rule = Any(&[Unmask]);
    vec![
        get(
            "/api/v1/session/options",
            Public,
            "What the sign-in page shows",
            session::get_session_options,
        ),
        get("/api/v1/session", Newcomer, "Who is signed in", session::get_session),
        post("/api/v1/session", Public, "Sign in", session::create_session).body(Body::SignIn),
        delete("/api/v1/session", Newcomer, "Sign out", session::delete_session),
        get("/api/v1/session/oidc", Public, "To the identity provider", oidc::get_oidc),
        get(
            "/api/v1/session/oidc/callback",
            Public,
            "Back from the identity provider",
            oidc::get_oidc_callback,
        )
        .query(&[Text("code"), Text("state"), Text("error")]),
        post("/api/v1/session/unmask", UNMASK, "Lift the masks for a while", session::unmask)
            .body(Body::Reason),
        delete("/api/v1/session/unmask", SignedIn, "Put the masks back", session::mask_again),
        get("/api/v1/account/sessions", Newcomer, "One's own sessions", account::list_sessions),
        delete(
            "/api/v1/account/sessions",
            Newcomer,
            "Sign out everywhere",
            account::delete_all_sessions,
        ),
        delete(
            "/api/v1/account/sessions/{id}",
            Newcomer,
            "End a session",
            account::delete_one_session,
        ),
        post(
            "/api/v1/account/password",
            Newcomer,
            "Change one's password",
            account::change_password,
        )
        .body(Body::Password),
        post(
            "/api/v1/account/second-factor",
            SignedIn,
            "Draw a second factor",
            account::offer_second_factor,
        ),
        post(
            "/api/v1/account/second-factor/confirm",
            SignedIn,
            "Put it in force",
            account::confirm_second_factor,
        )
        .body(Body::Code),
        delete(
            "/api/v1/account/second-factor",
            SignedIn,
            "Take it away",
            account::delete_second_factor,
        )
        .body(Body::Confirm),
        get("/api/v1/account/tokens", SignedIn, "One's own tokens", account::list_tokens),
        post("/api/v1/account/tokens", SignedIn, "Make a token", account::create_token)
            .body(Body::Token),
        delete("/api/v1/account/tokens/{id}", SignedIn, "Revoke a token", account::delete_token),
        get("/api/v1/users", PEOPLE, "Accounts", users::list_users)
            .query(&[Text("q"), Integer("limit")]),
        post("/api/v1/users", USERS, "Make an account", users::create_user).body(Body::User),
        post(
            "/api/v1/users/{id}/{action}",
            USERS,
            "Disable, enable, reset, sign out",
            users::act_on_user,
        ),
        post("/api/v1/users/{id}/grants", RIGHTS, "Grant a role", users::create_grant)
            .body(Body::Grant),
        delete("/api/v1/grants/{id}", RIGHTS, "Revoke a grant", users::delete_grant),
        get("/api/v1/roles", SignedIn, "Roles and permissions", users::list_roles),
        get("/api/v1/terminals", TERMINALS, "Terminals", terminals::list_terminals)
            .query(&[Text("q"), Integer("limit")]),
        post(
            "/api/v1/terminals/{id}/credential",
            TERMINALS,
            "Issue a credential",
            terminals::issue_credential,
        ),
        delete(
            "/api/v1/terminals/{id}/credential",
            TERMINALS,
            "Revoke it",
            terminals::delete_credential,
        ),
        get("/api/v1/audit", AUDIT, "The audit log", audit::list_audit).query(&[
            Text("action"),
            Text("actor"),
            Integer("before"),
            Integer("limit"),
        ]),
        get("/api/v1/audit/export", AUDIT, "The audit log as CSV", audit::export_audit).query(&[
            Text("action"),
            Text("actor"),
            Text("lang"),
        ]),
        post("/api/v1/audit/verify", AUDIT, "Verify the audit log", audit::verify_audit),
    ]
}
