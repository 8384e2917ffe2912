//! What a role may allow. Each permission is named once here; roles, routes, tokens and pages use these names.

use serde::{Deserialize, Serialize};

use crate::Text2;

/// One thing that may be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See places and what hangs off them.
    Read,
    /// See where a vehicle was 行程: personal when it is a person's journey.
    Track,
    /// Put documents on file and act on them.
    Record,
    /// Change places.
    Edit,
    /// Take data out of the system.
    Export,
    /// See masked fields for a while, with a reason.
    Unmask,
    /// Send commands to vehicles.
    Command,
    /// Bring data in.
    Import,
    /// Add, replace and remove the icons of the map 图标.
    ManageIcons,
    /// Add and confirm the standards that rules go by 标准.
    ManageStandards,
    /// Make, disable and restore accounts 系统管理员.
    ManageUsers,
    /// Grant and revoke roles 安全管理员.
    ManageRights,
    /// Issue and revoke the credentials of terminals.
    ManageTerminals,
    /// Read and verify the audit log 审计员.
    ReadAudit,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Read,
        Self::Track,
        Self::Record,
        Self::Edit,
        Self::Export,
        Self::Unmask,
        Self::Command,
        Self::Import,
        Self::ManageIcons,
        Self::ManageStandards,
        Self::ManageUsers,
        Self::ManageRights,
        Self::ManageTerminals,
        Self::ReadAudit,
    ];

    /// The name in roles, tokens and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Track => "track",
            Self::Record => "record",
            Self::Edit => "edit",
            Self::Export => "export",
            Self::Unmask => "unmask",
            Self::Command => "command",
            Self::Import => "import",
            Self::ManageIcons => "manage_icons",
            Self::ManageStandards => "manage_standards",
            Self::ManageUsers => "manage_users",
            Self::ManageRights => "manage_rights",
            Self::ManageTerminals => "manage_terminals",
            Self::ReadAudit => "read_audit",
        }
    }

    /// What people call it.
    pub fn title(self) -> Text2 {
        match self {
            Self::Read => Text2::new("查看", "See places"),
            Self::Track => Text2::new("查看车辆行程", "See journeys"),
            Self::Record => Text2::new("办理单据", "Handle records"),
            Self::Edit => Text2::new("编辑要素", "Edit places"),
            Self::Export => Text2::new("导出", "Export"),
            Self::Unmask => Text2::new("查看脱敏信息", "Unmask"),
            Self::Command => Text2::new("下发车辆指令", "Command vehicles"),
            Self::Import => Text2::new("导入数据", "Import"),
            Self::ManageIcons => Text2::new("管理图标", "Manage icons"),
            Self::ManageStandards => Text2::new("维护标准", "Manage standards"),
            Self::ManageUsers => Text2::new("管理账号", "Manage accounts"),
            Self::ManageRights => Text2::new("授权", "Grant rights"),
            Self::ManageTerminals => Text2::new("管理终端", "Manage terminals"),
            Self::ReadAudit => Text2::new("查看审计", "Read the audit log"),
        }
    }

    /// The permission of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_permission_and_are_those_of_the_api() {
        for permission in Permission::ALL {
            assert_eq!(Permission::named(permission.name()), Some(permission));
            assert_eq!(serde_json::json!(permission), permission.name());
        }
        assert_eq!(Permission::named("everything"), None);
    }
}
