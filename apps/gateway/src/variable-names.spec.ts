import { describe, expect, it } from '@jest/globals';
import { nearestName } from './variable-names.js';

describe('nearestName', () => {
  it.each([
    ['SFTP_PASWORD', 'SFTP_PASSWORD'],
    ['SFTP_PASSWD', 'SFTP_PASSWORD'],
    ['SFTP_USERNAME', 'SFTP_USER'],
    ['SFTP_HOSTKEY_DIR', 'SFTP_HOST_KEY_DIR'],
    ['SFTP_MAX_CONNECTION', 'SFTP_MAX_CONNECTIONS'],
    ['S3_BUKET', 'S3_BUCKET'],
  ])('takes %s for %s', (name, known) => {
    expect(nearestName(name)).toBe(known);
  });

  it.each(['SFTP_COLOUR_OF_THE_SKY', 'S3_X', 'SFTP_'])('has no guess for %s', (name) => {
    expect(nearestName(name)).toBeUndefined();
  });
});
