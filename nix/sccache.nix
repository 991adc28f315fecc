# NixOS: one sccache daemon for the compile steps of all builds, behind a filter on a socket that Nix's
# sandbox shows. A build without the daemon is the same build, only slower: no derivation depends on this.
{ config, lib, pkgs, ... }:
let
  cfg = config.services.rbn-plan-sccache;
  # What builds are shown: the socket, and the program under the name that it must have.
  run = "/run/rbn-plan/sccache";
  # What no build is shown: sccache's own socket, which only the daemon's user reaches.
  private = "/run/rbn-plan/sccache-daemon/private";
  inherit (lib) mkEnableOption mkIf mkOption optionalString types;
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
    rbn-plan = mkOption {
      type = types.package;
      description = "The rbn-plan whose filter stands between builds and the daemon.";
    };
    write = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether every build that sees the socket may add to the cache. Then code in one build can forge what
        another build gets from it.
      '';
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

    # systemd makes the socket, so the daemon's user needs no right to the directory that builds are shown.
    systemd.sockets.rbn-plan-sccache = {
      wantedBy = [ "sockets.target" ];
      before = [ "nix-daemon.service" ];
      socketConfig = {
        ListenStream = "${run}/server.sock";
        SocketMode = "0660";
        SocketUser = "root";
        SocketGroup = cfg.group;
        DirectoryMode = "0755";
        RemoveOnStop = true;
      };
    };

    systemd.services.rbn-plan-sccache = {
      description = "sccache for compile steps of rbn-plan";
      wantedBy = [ "multi-user.target" ];
      requires = [ "rbn-plan-sccache.socket" ];
      environment = {
        SCCACHE_CONF = "/dev/null";
        SCCACHE_IDLE_TIMEOUT = "0";
        SCCACHE_DIR = cfg.directory;
        SCCACHE_CACHE_SIZE = cfg.size;
        SCCACHE_MULTILEVEL_CHAIN = "disk";
        SCCACHE_MULTILEVEL_WRITE_ERROR_POLICY = "l0";
        # The largest crates, too.
        SCCACHE_MAX_FRAME_LENGTH = "268436480";
      };
      serviceConfig = {
        User = "rbn-sccache";
        UMask = "0077";
        StandardInput = "socket";
        StandardOutput = "journal";
        StandardError = "journal";
        ExecStartPre = [
          "+${pkgs.coreutils}/bin/install -d -m 0755 -o root ${run} ${run}/bin ${dirOf private}"
          "+${pkgs.coreutils}/bin/install -d -m 0700 -o rbn-sccache ${private} ${cfg.directory}"
          "+${pkgs.coreutils}/bin/install -m 0755 ${cfg.package}/bin/sccache ${run}/bin/sccache"
        ];
        # The daemon runs the store's own sccache, which nobody can change.
        ExecStart =
          "${cfg.rbn-plan}/bin/rbn-plan cache serve --program ${cfg.package}/bin/sccache"
          + " --server ${private}/sccache.sock${optionalString cfg.write " --write"}";
        Restart = "always";
        NoNewPrivileges = true;
        ProtectSystem = "strict";
        ProtectHome = true;
        PrivateTmp = true;
        PrivateDevices = true;
        ProtectProc = "invisible";
        CapabilityBoundingSet = "";
        RestrictSUIDSGID = true;
        RestrictNamespaces = true;
        MemoryMax = "4G";
        TasksMax = 2000;
        ReadWritePaths = [ private cfg.directory ];
        NoExecPaths = [ "/" ];
        ExecPaths = [ "/nix/store" ];
      } // lib.optionalAttrs (cfg.environmentFile != null) { EnvironmentFile = cfg.environmentFile; };
    };
  };
}
