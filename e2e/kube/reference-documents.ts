/**
 * Documents in the shape in which the reference system ships its default resources: older spellings, empty values and
 * nulls, a `status` on each, and the number of their owner.
 */
export const REFERENCE_DOCUMENTS = `apiVersion: agent.wecode.io/v1
kind: Ghost
metadata:
  name: dev-ghost
  namespace: default
  user_id: 1
  displayName: Developer
spec:
  systemPrompt: |
    You write code.

    And tests.
  mcpServers:
    mcpServers:
      docs: { transport: streamable-http, url: "https://mcp.example.org/docs" }
  skills: []
status:
  state: Available
---
apiVersion: agent.wecode.io/v1
kind: Ghost
metadata: { name: chat-ghost, namespace: default, displayName: "", labels: {}, annotations: null }
spec:
  systemPrompt: You are helpful.
  mcpServers: {}
  approvals:
    - tool: Bash
status: { state: Available }
---
apiVersion: agent.wecode.io/v1
kind: Model
metadata: { name: dev-model, namespace: default, user_id: 1, displayName: null, creationTimestamp: null }
spec:
  isCustomConfig: null
  protocol: claude
  modelConfig:
    env:
      model: anthropic
      ANTHROPIC_MODEL: claude-x
      ANTHROPIC_AUTH_TOKEN: \${ANTHROPIC_TOKEN}
      api_key: ""
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: 8000
      DISABLE_TELEMETRY: true
      small_model: null
status: { state: Available }
---
apiVersion: agent.wecode.io/v1
kind: Shell
metadata: { name: dev-shell, namespace: default, labels: { type: local_engine } }
spec:
  runtime: ClaudeCode
  baseShellRef: ClaudeCode
  baseImage: registry.example.org/agents/jdk21:1
  supportModel: []
status:
  state: Available
---
apiVersion: agent.wecode.io/v1
kind: Bot
metadata: { name: dev-bot, namespace: default, user_id: 1 }
spec:
  ghostRef: { name: dev-ghost, namespace: default }
  shellRef: { name: dev-shell, namespace: default }
  modelRef: { name: dev-model, namespace: default }
status: { state: Available }
---
apiVersion: agent.wecode.io/v1
kind: Bot
metadata: { name: chat-bot, namespace: default }
spec:
  ghostRef: { name: chat-ghost, namespace: default }
  shellRef: { name: Chat, namespace: public }
  modelRef: null
---
apiVersion: agent.wecode.io/v1
kind: Team
metadata:
  name: dev-team
  namespace: default
  user_id: 1
  displayName: Developers
spec:
  description: implement, then review
  workflow:
    mode: pipeline
  recommended_mode: code
  bind_mode: null
  icon: ""
  members:
    - botRef: { name: dev-bot, namespace: default }
      role: leader
      prompt: ""
    - name: reviewer
      botRef: { name: dev-bot, namespace: default }
      role: ""
      prompt: Only comment, do not edit.
status: { state: Available }
---
apiVersion: agent.wecode.io/v1
kind: Team
metadata: { name: chat-team, namespace: default }
spec:
  collaborationModel: { name: solo }
  recommended_mode: both
  members:
    - botRef: { name: chat-bot, namespace: default }
      role: null
      prompt: null
status: { state: Available }
`;

/** Kind and name of each, as kubectl prints them. */
export const REFERENCE_NAMES = [
  'ghost.agent.wecode.io/dev-ghost',
  'ghost.agent.wecode.io/chat-ghost',
  'model.agent.wecode.io/dev-model',
  'shell.agent.wecode.io/dev-shell',
  'bot.agent.wecode.io/dev-bot',
  'bot.agent.wecode.io/chat-bot',
  'team.agent.wecode.io/dev-team',
  'team.agent.wecode.io/chat-team',
];
