//! `onemap tls`.

use crate::args::TlsCommand;
use crate::tls;

pub(crate) fn run(command: TlsCommand) -> anyhow::Result<()> {
    let TlsCommand::Init { dir, name, days } = command;
    let made = tls::init(&dir, &name, days)?;
    let kept = if made.is_authority_new { "新建 new" } else { "沿用 kept" };
    tracing::info!("私有证书机构 private authority ({kept}): {}", made.authority.display());
    tracing::info!("服务器证书 server certificate: {} ({days} 天 days)", made.files.cert.display());
    tracing::info!(
        "启动服务 serve with: --tls-cert {} --tls-key {}",
        made.files.cert.display(),
        made.files.key.display()
    );
    tracing::info!(
        "请将 {} 安装到浏览器和车载终端的受信任根证书中；ca-key.pem 请离线保管。 Install it as a trusted root on browsers and terminals, and keep ca-key.pem off the network.",
        made.authority.display()
    );
    Ok(())
}
