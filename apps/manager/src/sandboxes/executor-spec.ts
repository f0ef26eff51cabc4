import type { ExecutionSpec, McpServer, ModelEndpoint, SandboxContext, SpecWorkspace } from '@wegent/api';

/** Names of environment variables whose values do not go into a sandbox. */
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL|AUTH|HEADER/i;

/** The part of a spec that a sandbox is made for. */
export function contextOf(spec: ExecutionSpec): SandboxContext {
  const { taskId, namespace, taskType, shell, workspace, egress, outboundAllow, lastManagerId } = spec;
  return {
    taskId,
    namespace,
    taskType,
    shell,
    ...(workspace ? { workspace } : {}),
    egress,
    ...(outboundAllow ? { outboundAllow } : {}),
    ...(lastManagerId === undefined ? {} : { lastManagerId }),
  };
}

/**
 * What an executor gets of a spec: nothing that opens a model, a git host or a remote MCP server. Those stay with the
 * gateway, which puts them in. Pure.
 */
export function specForExecutor(spec: ExecutionSpec): ExecutionSpec {
  const { model, workspace, nativeTeam, outboundAllow: _allow, lastManagerId: _last, ...rest } = spec;
  return {
    ...rest,
    ...(model ? { model: withoutSecrets(model) } : {}),
    ...(workspace ? { workspace: workspaceForExecutor(workspace) } : {}),
    ...(nativeTeam
      ? {
          nativeTeam: {
            ...nativeTeam,
            members: nativeTeam.members.map((member) => ({
              ...member,
              model: withoutSecrets(member.model),
              mcpServers: withoutAddresses(member.mcpServers),
            })),
          },
        }
      : {}),
    mcpServers: {
      ...withoutAddresses(spec.mcpServers),
      ...(spec.team ? { team: teamServer(spec) } : {}),
    },
  };
}

/** A workspace without the credential of its repository. */
export function workspaceForExecutor(workspace: SpecWorkspace): SpecWorkspace {
  const { repository, ...rest } = workspace;
  if (!repository) return rest;
  const { credential: _credential, url, ...place } = repository;
  return { ...rest, repository: { ...place, url: withoutUser(url) } };
}

function withoutSecrets({ apiKey: _apiKey, baseUrl: _baseUrl, ...model }: ModelEndpoint): ModelEndpoint {
  return {
    ...model,
    headers: {},
    env: Object.fromEntries(Object.entries(model.env).filter(([name]) => !SECRET_NAME.test(name))),
  };
}

function withoutAddresses(servers: ExecutionSpec['mcpServers']): ExecutionSpec['mcpServers'] {
  return Object.fromEntries(
    Object.entries(servers).map(([name, server]) => [name, withoutAddress(name, server)]),
  );
}

// The gateway knows the address by the name of the server; some addresses hold a key.
function withoutAddress(name: string, server: McpServer): McpServer {
  if (!('url' in server)) return server;
  const { headers: _headers, ...rest } = server;
  return { ...rest, url: `http://gateway/mcp/${encodeURIComponent(name)}` };
}

// A leader reaches its Team like any other server; a member may work as long as the turn lasts.
function teamServer({ shell }: ExecutionSpec): McpServer {
  return { type: 'http', url: 'http://gateway/mcp/team', timeout: shell.turnSeconds };
}

function withoutUser(address: string): string {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) return address;
  url.username = '';
  url.password = '';
  return url.href;
}
