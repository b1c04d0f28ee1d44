import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { StaticUsers } from 'nestjs-sftpd';

/** Lets in by HTTP (RFC 7617) whoever may log in by SFTP with the same password. */
@Injectable()
export class BasicAuthGuard implements CanActivate {
  constructor(private readonly users: StaticUsers) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp();
    const credentials = credentialsOf(http.getRequest<IncomingMessage>());
    if (credentials) {
      const [username, password] = credentials;
      if (await this.users.authenticatePassword(username, password)) return true;
    }
    http
      .getResponse<ServerResponse>()
      .setHeader('WWW-Authenticate', 'Basic realm="documents", charset="UTF-8"');
    throw new UnauthorizedException();
  }
}

function credentialsOf({ headers }: IncomingMessage): [string, string] | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(headers.authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}
