{{- define "labels" -}}
app.kubernetes.io/name: perfectum-sms
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}
{{- define "pod" -}}
{{- $files := .root.Values.secrets.asFiles -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 40
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- if ne .role "migrate" }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "labels" $.root | nindent 8 }}
        app.kubernetes.io/component: {{ $.role }}
  {{- end }}
{{- end }}
volumes:
  - {name: tmp, emptyDir: {}}
  {{- if $files }}
  - {name: secrets, secret: {secretName: {{ .secret | quote }}, defaultMode: 0440}}
  {{- end }}
containers:
  - name: {{ .role }}
    image: "{{ .root.Values.image.repository }}:{{ .root.Values.image.tag }}"
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: {{ toJson .args }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    env:
      - {name: SMS_LOG_LEVEL, value: {{ .root.Values.logLevel }}}
      {{- if has .role (list "console" "door") }}
      - {name: SMS_RECEIPTS_LISTEN, value: "0.0.0.0:8780"}
      {{- end }}
      {{- if .root.Values.publicUrl }}
      - {name: SMS_PUBLIC_URL, value: {{ .root.Values.publicUrl | quote }}}
      {{- end }}
      {{- range $key := .keys }}
      {{- $name := printf "SMS_%s" ($key | upper | replace "-" "_") }}
      {{- if $files }}
      - {name: {{ $name }}_FILE, value: /run/secrets/perfectum-sms/{{ $key }}}
      {{- else }}
      - {name: {{ $name }}, valueFrom: {secretKeyRef: {name: {{ $.secret | quote }}, key: {{ $key }}}}}
      {{- end }}
      {{- end }}
    volumeMounts:
      - {name: tmp, mountPath: /tmp}
      {{- if $files }}
      - {name: secrets, mountPath: /run/secrets/perfectum-sms, readOnly: true}
      {{- end }}
    {{- with .resources }}
    resources: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- if ne .role "migrate" }}
    ports:
      - {name: probes, containerPort: 9464}
      {{- if has .role (list "console" "door") }}
      - {name: http, containerPort: 8780}
      {{- end }}
    startupProbe: {httpGet: {path: /livez, port: probes}, periodSeconds: 2, failureThreshold: 60}
    livenessProbe: {httpGet: {path: /livez, port: probes}, periodSeconds: 15, timeoutSeconds: 10}
    readinessProbe: {httpGet: {path: /readyz, port: probes}, periodSeconds: 10, timeoutSeconds: 10}
    {{- end }}
{{- end }}
