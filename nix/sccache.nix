# NixOS: one sccache daemon for the compile steps of all builds, on a socket that Nix's sandbox shows.
# A build without the daemon is the same build, only slower: no derivation depends on this.
{ config, lib, pkgs, ... }:
let
  cfg = config.services.rbn-plan-sccache;
  # What builds are shown: the socket, and the program under the name that it must have.
  run = "/run/rbn-plan/sccache";
  program = "${run}/bin/sccache";
  inherit (lib) mkEnableOption mkIf mkOption types;
in
{
  options.services.rbn-plan-sccache = {
    enable = mkEnableOption "the compile cache for builds in Nix's sandbox";
    package = mkOption {
      type = types.package;
      default = pkgs.sccache;
      defaultText = lib.literalExpression "pkgs.sccache";
      description = "The sccache that the daemon and the steps run.";
    };
    group = mkOption {
      type = types.str;
      default = "nixbld";
      description = "The group whose members, Nix's build users, may ask the daemon.";
    };
    directory = mkOption {
      type = types.path;
      default = "/var/cache/rbn-plan/sccache";
      description = "Where the cache is kept.";
    };
    size = mkOption {
      type = types.str;
      default = "10G";
      description = "The most that the cache may take.";
    };
    environmentFile = mkOption {
      type = types.nullOr types.path;
      default = null;
      description = "A file with the variables of a remote storage; secrets belong there.";
    };
  };

  config = mkIf cfg.enable {
    users.users.rbn-sccache = { isSystemUser = true; group = cfg.group; };

    # The program in the sandbox is a copy; with the package comes what it is linked with. Builds go
    # on where the daemon never made its directory.
    nix.settings.extra-sandbox-paths = [ "${run}?" "${cfg.package}" ];

    systemd.services.rbn-plan-sccache = {
      description = "sccache for compile steps of rbn-plan";
      wantedBy = [ "multi-user.target" ];
      before = [ "nix-daemon.service" ];
      environment = {
        SCCACHE_START_SERVER = "1";
        SCCACHE_NO_DAEMON = "1";
        SCCACHE_CONF = "/dev/null";
        SCCACHE_IDLE_TIMEOUT = "0";
        SCCACHE_SERVER_UDS = "${run}/server.sock";
        SCCACHE_DIR = cfg.directory;
        SCCACHE_CACHE_SIZE = cfg.size;
        SCCACHE_MULTILEVEL_CHAIN = "disk";
        SCCACHE_MULTILEVEL_WRITE_ERROR_POLICY = "ignore";
        # The largest crates, too.
        SCCACHE_MAX_FRAME_LENGTH = "1073741824";
      };
      serviceConfig = {
        User = "rbn-sccache";
        Group = cfg.group;
        UMask = "0007";
        ExecStartPre = [
          "+${pkgs.coreutils}/bin/install -d -m 0755 -o rbn-sccache ${run} ${run}/bin"
          "+${pkgs.coreutils}/bin/install -d -m 0700 -o rbn-sccache ${cfg.directory}"
          "+${pkgs.coreutils}/bin/install -m 0755 ${cfg.package}/bin/sccache ${program}"
        ];
        ExecStart = program;
        Restart = "on-failure";
        NoNewPrivileges = true;
        ProtectSystem = "strict";
        ProtectHome = true;
        PrivateTmp = true;
        PrivateDevices = true;
        CapabilityBoundingSet = "";
        RestrictSUIDSGID = true;
        ReadWritePaths = [ run cfg.directory ];
      } // lib.optionalAttrs (cfg.environmentFile != null) { EnvironmentFile = cfg.environmentFile; };
    };
  };
}
